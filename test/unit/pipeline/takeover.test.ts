// A worker holds one slow frame while later ones end, and dies without leaving: whoever takes over runs the slow one, and none of
// those whose settlement was committed.
import { expect, it } from 'vitest';
import { MemoryFrameSource } from '../../../src/adapters/memory/frame-source.ts';
import { MemoryLog } from '../../../src/adapters/memory/log.ts';
import { decodeOffsetMap } from '../../../src/core/offset-map.ts';
import type { FrameDecoder, FrameSource } from '../../../src/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { type Harness, image, useHarnesses } from '../../helpers/pipeline-harness.ts';

const start = useHarnesses();
const FRAMES = { topic: 'frames', partition: 0 };
/** A frame of this class is the slow one. */
const SLOW = 2;

/** Decodes at once; the slow frame never where `isStuck`. */
const decoder = (isStuck: boolean): FrameDecoder => ({
  decode: (bytes) => (isStuck && bytes[0] === SLOW ? new Promise(() => {}) : Promise.resolve(new Uint8Array(bytes))),
});
const idsOf = (harness: Harness, why: string) =>
  harness.seen.flatMap((event) =>
    (event.type === 'skipped' || event.type === 'dropped') && event.why === why ? [event.id] : [],
  );
const publishedBy = (harness: Harness) => harness.seen.filter(({ type }) => type === 'published').length;

async function world() {
  const clock = new ManualClock();
  const log = new MemoryLog(clock);
  log.createTopic('frames', 1);
  const source = () => new MemoryFrameSource({ log, topic: 'frames', groupId: 'workers' });
  const commit = () => log.group('workers').committed(FRAMES);
  const settledAbove = () => {
    const { offset, metadata } = commit() ?? { offset: 0n, metadata: null };
    return decodeOffsetMap(metadata, offset).settled;
  };
  return { clock, log, source, commit, settledAbove };
}

it('the frames that ended behind a slow one are committed by the map, and not run again by the next worker', async () => {
  const { clock, log, source, commit, settledAbove } = await world();
  const dying = source();
  const first = await start({ clock, log, ports: { source: dying, decoder: decoder(true) } });
  first.send(image(0, 95));
  first.send(image(SLOW, 95));
  for (let i = 0; i < 40; i++) first.send(image(i % 2, 95));
  await first.until(() => settledAbove().some(({ to }) => to === 42n));
  expect(commit()?.offset).toBe(1n);
  expect(settledAbove()).toEqual([{ from: 2n, to: 42n }]);

  log.group('workers').leave(dying); // the broker gives it up; it stops nothing and commits nothing
  for (let i = 0; i < 5; i++) first.send(image(1, 95));
  const second = await start({ clock, log, ports: { source: source(), decoder: decoder(false) } });
  await second.until(() => second.committed() === 47n);
  expect(idsOf(second, 'already-settled')).toEqual(Array.from({ length: 40 }, (_, i) => `frames-0-${i + 2}`));
  expect(second.runner.runs.reduce((frames, { stage, batch }) => frames + (stage === 1 ? batch : 0), 0)).toBe(6);
  expect(publishedBy(second)).toBe(6);
  expect(settledAbove()).toEqual([]);
});

it('commits of the map alone go out once an interval, however many frames end in it', async () => {
  const { clock, log, source, settledAbove } = await world();
  const commits: bigint[] = [];
  const inner = source();
  const counting: FrameSource = {
    start: (handlers) => inner.start(handlers),
    pause: (partitions) => inner.pause(partitions),
    resume: (partitions) => inner.resume(partitions),
    stop: () => inner.stop(),
    commit: async (list) => {
      commits.push(...list.map(({ offset }) => offset));
      return await inner.commit(list);
    },
  };
  const settings = { commitEveryMs: 100, schedule: { maxBatch: 1, maxRunMs: 50 } };
  const harness = await start({ clock, log, settings, ports: { source: counting, decoder: decoder(true) } });
  harness.send(image(SLOW, 95));
  for (let i = 0; i < 300; i++) harness.send(image(0, 95)); // 1 ms each
  const since = clock.now();
  await harness.until(() => settledAbove().some(({ to }) => to === 301n));
  expect(new Set(commits)).toEqual(new Set([0n]));
  expect(commits.length).toBeGreaterThan(1);
  expect(commits.length).toBeLessThanOrEqual((clock.now() - since) / 100 + 1);
});

it('a map that is not believed is told, and the frames are run again', async () => {
  const { clock, log, source } = await world();
  const before = source();
  await new Promise<void>((resolve, reject) => {
    before
      .start({
        assigned: ([owned]) => {
          const epoch = owned?.epoch ?? 0;
          before
            .commit([{ ...FRAMES, offset: 0n, epoch, metadata: 'a note of somebody' }])
            .then(() => resolve(), reject);
        },
        revoked() {},
        records() {},
        failed: reject,
      })
      .catch(reject);
  });
  await before.stop();
  const harness = await start({ clock, log, ports: { source: source(), decoder: decoder(false) } });
  const [ignored] = harness.seen.filter(({ type }) => type === 'offset-map-ignored');
  expect(ignored).toMatchObject({ ...FRAMES, reason: expect.stringMatching(/got "a note of somebody"/) });
  harness.send(image(0, 95));
  await harness.until(() => harness.committed() === 1n);
  expect(harness.results()).toHaveLength(1);
});

it('what is read under an epoch that is over is dropped, without a mark in the ledger', async () => {
  const { clock, log, source } = await world();
  const inner = source();
  let late: (() => void) | null = null;
  const replaying: FrameSource = {
    start: (handlers) =>
      inner.start({
        ...handlers,
        assigned: (owned) => handlers.assigned(owned),
        revoked: (lost) => handlers.revoked(lost),
        failed: (error) => handlers.failed(error),
        records: (records) => {
          late = () => handlers.records(records.map((record) => ({ ...record, epoch: record.epoch - 1 })));
          handlers.records(records);
        },
      }),
    pause: (partitions) => inner.pause(partitions),
    resume: (partitions) => inner.resume(partitions),
    stop: () => inner.stop(),
    commit: (commits) => inner.commit(commits),
  };
  const harness = await start({ clock, log, ports: { source: replaying, decoder: decoder(false) } });
  harness.send(image(0, 95));
  await harness.until(() => harness.committed() === 1n);
  if (late === null) throw new Error('Expected records to have come');
  (late as () => void)();
  const dropped = harness.seen.filter(({ type }) => type === 'dropped');
  expect(dropped).toEqual([{ type: 'dropped', id: 'frames-0-0', why: 'stale-epoch' }]);
  expect(harness.results()).toHaveLength(1);
});

it('frames in hand stay in hand over a rebalance that leaves them where they are: none is begun again', async () => {
  const { clock, log, source, commit } = await world();
  let release = () => {};
  const slow = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held: FrameDecoder = {
    decode: async (bytes) => {
      if (bytes[0] === SLOW) await slow;
      return new Uint8Array(bytes);
    },
  };
  const harness = await start({ clock, log, ports: { source: source(), decoder: held } });
  harness.send(image(SLOW, 95));
  for (let i = 0; i < 5; i++) harness.send(image(0, 95));
  await harness.until(() => publishedBy(harness) === 5);

  const other = source();
  await other.start({ assigned: () => {}, revoked: () => {}, records: () => {}, failed: () => {} });
  await harness.until(() => harness.seen.filter(({ type }) => type === 'assigned').length === 2);
  expect(harness.seen.filter(({ type }) => type === 'revoked')).toEqual([]);
  expect(harness.pipeline.heldFrames).toBe(1);
  release();
  harness.send(image(1, 95));
  await harness.until(() => commit()?.offset === 7n);
  expect(publishedBy(harness)).toBe(7);
  expect(idsOf(harness, 'already-taken')).toHaveLength(6); // read once more from the committed offset on, and left alone
  expect(idsOf(harness, 'stale-epoch')).toEqual([]);
  await other.stop();
});
