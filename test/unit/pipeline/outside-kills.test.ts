// Workers that somebody else kills again and again, at any moment: whose fault it was is not told, and hardly a good frame is blamed for it.
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { MemoryBudgetStore } from '../../../src/adapters/memory/budget-store.ts';
import { MemoryLog } from '../../../src/adapters/memory/log.ts';
import type { BudgetStore } from '../../../src/ports.ts';
import { type Random, random } from '../../../src/training/random.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { image, startHarness } from '../../helpers/pipeline-harness.ts';
import { storeThrough } from '../../helpers/store-through.ts';

const [FLEETS, KILLS, FRAMES] = [40, 13, 30];
const [SHORTEST_LIFE_MS, LONGEST_LIFE_MS] = [15, 125];
const NEVER = new Promise<never>(() => {});

/** A worker that does nothing any more once it is dead; its store takes 1 to 2 ms a call, in order. */
async function mortal(clock: ManualClock, log: MemoryLog, store: BudgetStore, source: Random) {
  let isDead = false;
  let last: Promise<unknown> = Promise.resolve();
  const pause = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
  const alive = <T>(call: () => Promise<T>): Promise<T> => (isDead ? NEVER : call());
  const slow = <T>(call: () => Promise<T>): Promise<T> => {
    const ms = 1 + source.below(2);
    const reply = last.then(() => pause(ms)).then(() => alive(call));
    last = reply.catch(() => {});
    return alive(() => reply);
  };
  const budgets = storeThrough(() => store, slow);
  const decoder = {
    async decode(bytes: Uint8Array) {
      await pause(2);
      return new Uint8Array(bytes);
    },
  };
  const harness = await startHarness({ clock, log, ports: { budgets, decoder }, costMs: (_, batch) => 3 + batch });
  const { sink, source: frames, runner } = harness;
  const [publish, deadLetter] = [sink.publish.bind(sink), sink.deadLetter.bind(sink)];
  sink.publish = (results) => alive(() => publish(results));
  sink.deadLetter = (letters) => alive(() => deadLetter(letters));
  const [commit, runStage] = [frames.commit.bind(frames), runner.runStage.bind(runner)];
  frames.commit = (commits) => alive(() => commit(commits));
  runner.runStage = (...run) => alive(() => runStage(...run));
  const die = () => {
    isDead = true;
  };
  return { harness, die };
}

/** One fleet of single workers, each killed after a life of its own, the last one not; how each frame ended. */
async function fleet(seed: number): Promise<Map<string, string>> {
  const source = random(seed, 'outside-kills');
  const clock = new ManualClock();
  const log = new MemoryLog(clock);
  const store = new MemoryBudgetStore(clock);
  const ends = new Map<string, string>();
  for (let worker = 0; worker <= KILLS; worker++) {
    const { harness, die } = await mortal(clock, log, store, source);
    if (worker === 0)
      for (let i = 0; i < FRAMES; i++) {
        const percent = [40, 50, 60, 60].map((most) => 30 + source.below(most));
        harness.send(image(1, ...percent), { ce_id: `f${i}` });
      }
    const isDone = () => harness.committed() === BigInt(FRAMES);
    const lifeMs = worker < KILLS ? SHORTEST_LIFE_MS + source.below(LONGEST_LIFE_MS - SHORTEST_LIFE_MS) : 4000;
    for (let ms = 0; ms < lifeMs && !isDone(); ms++) {
      await setImmediate();
      clock.advance(1);
    }
    if (!isDone() && worker === KILLS) throw new Error(`Expected the last worker of fleet ${seed} to end every frame`);
    const isOver = isDone();
    die();
    for (const { id, final, exit } of harness.results()) if (final) ends.set(id, String(exit));
    await harness.source.stop();
    if (isOver) break;
  }
  return ends;
}

it('every frame ends, and at most one good frame in a hundred is a dead letter', { timeout: 60_000 }, async () => {
  let [ended, rejected] = [0, 0];
  for (let seed = 1; seed <= FLEETS; seed++) {
    const ends = [...(await fleet(seed)).values()];
    ended += ends.length;
    rejected += ends.filter((exit) => exit === 'rejected').length;
  }
  expect(ended).toBe(FLEETS * FRAMES);
  expect(rejected).toBeLessThanOrEqual((FLEETS * FRAMES) / 100);
});
