// Until the store replies that an answer is recorded, the partition may be somebody else's, or the worker told to abort: then that answer is
// no longer ours to publish, or it would follow what the next worker has said.
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { MemoryBudgetStore } from '../../../src/adapters/memory/budget-store.ts';
import { MemoryFrameSource } from '../../../src/adapters/memory/frame-source.ts';
import { MemoryLog } from '../../../src/adapters/memory/log.ts';
import type { BudgetStore, FrameSource } from '../../../src/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { type Harness, image, startHarness } from '../../helpers/pipeline-harness.ts';
import { storeThrough } from '../../helpers/store-through.ts';

/** Less than the store is given before it counts as away. */
const SLOW_REPLY_MS = 45;

function setUp(partitions: number) {
  const clock = new ManualClock();
  const log = new MemoryLog(clock);
  log.createTopic('frames', partitions);
  const store = new MemoryBudgetStore(clock);
  const plain = storeThrough(() => store);
  const later = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
  const seen = { isSlow: false };
  /** Replies late to the first record of stage 2 of this frame. */
  const slowFor = (id: string): BudgetStore => ({
    ...plain,
    async record(entries) {
      const replies = await store.record(entries);
      if (!seen.isSlow && entries.some(({ frameId, stage }) => frameId === id && stage === 2)) {
        seen.isSlow = true;
        await later(SLOW_REPLY_MS);
      }
      return replies;
    },
  });
  const go = async (ms: number, isDone = () => false) => {
    for (let i = 0; i < ms && !isDone(); i++) {
      await setImmediate();
      clock.advance(1);
    }
  };
  /** Stages said of a frame on `frames.refined`, by whichever worker, in order. */
  const refined = (worker: Harness, id: string) =>
    worker.results(id).flatMap(({ stage }) => (stage > 1 ? [stage] : []));
  return { clock, log, plain, slowFor, later, seen, go, refined };
}

it('a partition that was revoked meanwhile', async () => {
  const { clock, log, plain, slowFor, seen, go, refined } = setUp(2);
  const w1 = await startHarness({ clock, log, ports: { budgets: slowFor('b') } });
  await go(10);
  for (const id of ['a', 'b']) w1.send(image(0, 30, 40, 50, 95), { ce_id: id, budget: '9' });
  await go(200, () => seen.isSlow);
  expect(seen.isSlow).toBe(true);
  const w2 = await startHarness({ clock, log, ports: { budgets: plain }, settings: { workerId: 'w2' } });
  await go(300);
  const at = w1.seen.findIndex(({ type }) => type === 'revoked');
  const revoked = w1.seen[at];
  if (revoked?.type !== 'revoked') throw new Error('Expected a partition to move to the second worker');
  const moved = revoked.partition === 0 ? 'a' : 'b';
  const after = w1.seen
    .slice(at)
    .flatMap((e) => (e.type === 'published' && e.result.id === moved ? [e.result.stage] : []));
  expect(after).toEqual([]);
  expect(refined(w1, moved)).toEqual([2, 3, 4]);
  await Promise.all([w1.pipeline.abort(), w2.pipeline.abort(), go(10)]);
});

it('a worker that was told to abort meanwhile', async () => {
  const { clock, log, plain, slowFor, later, seen, go, refined } = setUp(1);
  const inner = new MemoryFrameSource({ log, topic: 'frames', groupId: 'workers' });
  /** The member has left the group at once; the consumer's sockets take longer to close than the store to reply. */
  const source: FrameSource = {
    start: (handlers) => inner.start(handlers),
    pause: (partitions) => inner.pause(partitions),
    resume: (partitions) => inner.resume(partitions),
    commit: (commits) => inner.commit(commits),
    stop: async () => {
      await inner.stop();
      await later(SLOW_REPLY_MS + 15);
    },
  };
  const w1 = await startHarness({ clock, log, ports: { source, budgets: slowFor('a') } });
  const w2 = await startHarness({ clock, log, ports: { budgets: plain }, settings: { workerId: 'w2' } });
  await go(20);
  w1.send(image(0, 30, 40, 50, 95), { ce_id: 'a', budget: '9' });
  await go(200, () => seen.isSlow);
  const published = () => w1.seen.filter(({ type }) => type === 'published').length;
  const before = published();
  const gone = w1.pipeline.abort();
  await go(300);
  await gone;
  expect(published()).toBe(before);
  expect(refined(w1, 'a')).toEqual([2, 3, 4]);
  await Promise.all([w2.pipeline.abort(), go(10)]);
});
