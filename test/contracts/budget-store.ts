// What every BudgetStore must do, whatever is behind it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BudgetStore, RecordEntry } from '../../src/ports.ts';
import { until } from '../helpers/until.ts';

export interface BudgetStoreHarness {
  /** A started store that shares its contents with the harness' other stores, and with nothing else. */
  store(): Promise<BudgetStore>;
  /** Lets `ms` go by for the store. */
  pass(ms: number): Promise<void>;
}

const entry = (parts: Partial<RecordEntry> & { frameId: string }): RecordEntry => ({
  stage: 1,
  cost: 0.125,
  epoch: 1,
  exit: null,
  answer: null,
  ...parts,
});
const nothingSaid = { isFinal: false, acknowledgedStage: 0, isAcknowledged: false };
const HOUR = 3_600_000;

export function budgetStoreContract(name: string, makeHarness: () => Promise<BudgetStoreHarness | null>): void {
  describe(`BudgetStore: ${name}`, () => {
    let harness: BudgetStoreHarness;
    let store: BudgetStore;

    beforeEach(async ({ skip }) => {
      const made = await makeHarness();
      if (made === null) return skip('no server');
      harness = made;
      store = await harness.store();
    });
    afterEach(async () => {
      await store?.stop();
    });

    const begin = async (id: string, ttlMs = HOUR) => (await store.begin([id], ttlMs))[0];
    const record = async (parts: Partial<RecordEntry> & { frameId: string }) => (await store.record([entry(parts)]))[0];

    test('an unknown frame begins with nothing spent and one attempt; every begin counts', async () => {
      const fresh = { spent: 0, attempts: 1, stage: 0, answer: null, ...nothingSaid };
      expect(await begin('a')).toEqual(fresh);
      expect(await begin('a')).toEqual({ ...fresh, attempts: 2 });
      expect(await begin('b')).toEqual(fresh);
    });

    test('answers come in the order of the ids, a repeated id included', async () => {
      await begin('b');
      const answers = await store.begin(['a', 'b', 'c', 'b'], HOUR);
      expect(answers.map(({ attempts }) => attempts)).toEqual([1, 2, 1, 3]);
      expect(await store.begin([], HOUR)).toEqual([]);
      expect(await store.record([])).toEqual([]);
    });

    test('it says since when it remembers: all its users the same, from before the first frame on', async () => {
      await begin('a');
      const since = store.remembersSince();
      expect(since).toBeGreaterThan(0);
      await harness.pass(20);
      const other = await harness.store();
      await other.begin(['b'], HOUR);
      await record({ frameId: 'a' });
      expect([store.remembersSince(), other.remembersSince()]).toEqual([since, since]);
      if (other !== store) await other.stop();
    });

    test('attempts are counted up to a bound; the one that is not counted is told all the same', async () => {
      const bounded = async (countUpTo: number) => (await store.begin(['a'], HOUR, countUpTo))[0]?.attempts;
      expect(await bounded(0)).toBe(1);
      expect(await bounded(1)).toBe(1);
      for (const again of [1, 2, 3]) expect(await bounded(1), `time ${again}`).toBe(2);
      expect(await bounded(3)).toBe(2);
      expect(await bounded(3)).toBe(3);
      for (const again of [1, 2]) expect(await bounded(3), `time ${again}`).toBe(4);
    });

    test('an attempt given back does not count, however often it is said; other counts are left alone', async () => {
      await begin('a');
      await begin('a');
      const back = (frameId: string, attempts: number) => ({ frameId, attempts });
      await store.giveBack([back('a', 1), back('unknown', 0)]);
      expect(await begin('a')).toMatchObject({ attempts: 2 });
      for (const _ of [1, 2]) await store.giveBack([back('a', 1), back('a', 1)]);
      expect(await begin('a')).toMatchObject({ attempts: 2 });
      for (const other of [0, 2, 3]) await store.giveBack([back('a', other)]);
      expect(await begin('a')).toMatchObject({ attempts: 3 });
      expect(await begin('unknown')).toMatchObject({ attempts: 1 });
      await store.giveBack([]);
    });

    test('a frame that gets further counts its attempts from nothing; one that repeats itself does not', async () => {
      for (const attempt of [1, 2]) expect(await begin('a')).toMatchObject({ attempts: attempt });
      await record({ frameId: 'a', stage: 2 });
      for (const attempt of [1, 2]) expect(await begin('a')).toMatchObject({ attempts: attempt });
      await record({ frameId: 'a', stage: 1 });
      await record({ frameId: 'a', stage: 2 });
      expect(await begin('a')).toMatchObject({ attempts: 3, stage: 2 });
      await record({ frameId: 'a', stage: 2, exit: 'load' });
      expect(await begin('a')).toMatchObject({ attempts: 1, isFinal: true });
    });

    test('recorded stages add their cost, raise the stage and keep the answer', async () => {
      await begin('a');
      expect(await record({ frameId: 'a', stage: 1, cost: 0.125, answer: '{"label":"cat"}' })).toBe(true);
      expect(await record({ frameId: 'a', stage: 2, cost: 0.25, answer: '{"label":"dög"}' })).toBe(true);
      const known = {
        spent: 0.375,
        attempts: 1,
        stage: 2,
        answer: '{"label":"dög"}',
        ...nothingSaid,
      };
      expect(await begin('a')).toEqual(known);
    });

    test('a final record is acknowledged only after it was recorded', async () => {
      await begin('a');
      const itsEnd = { stage: 1, isFinal: true };
      await store.acknowledge([
        { frameId: 'a', ...itsEnd },
        { frameId: 'unknown', ...itsEnd },
      ]);
      expect(await begin('a')).toMatchObject(nothingSaid);
      await record({ frameId: 'a', exit: 'load' });
      await store.acknowledge([{ frameId: 'a', stage: 1, isFinal: false }]);
      expect(await begin('a')).toMatchObject({ isFinal: true, acknowledgedStage: 1, isAcknowledged: false });
      await store.acknowledge([{ frameId: 'a', ...itsEnd }]);
      expect(await begin('a')).toMatchObject({ isFinal: true, acknowledgedStage: 1, isAcknowledged: true });
      await store.acknowledge([{ frameId: 'a', stage: 1, isFinal: false }]);
      expect(await begin('a')).toMatchObject({ isAcknowledged: true });
      expect(await begin('unknown')).toMatchObject({ attempts: 1, isFinal: false, isAcknowledged: false });
    });

    test('the highest acknowledged stage is kept apart from the recorded one; a late acknowledgement takes nothing back', async () => {
      const acknowledge = (stage: number) => store.acknowledge([{ frameId: 'a', stage, isFinal: false }]);
      for (const stage of [1, 2, 3]) await record({ frameId: 'a', stage });
      expect(await begin('a')).toMatchObject({ stage: 3, acknowledgedStage: 0 });
      await acknowledge(2);
      expect(await begin('a')).toMatchObject({ stage: 3, acknowledgedStage: 2 });
      await acknowledge(1);
      expect(await begin('a')).toMatchObject({ acknowledgedStage: 2, isAcknowledged: false });
      await acknowledge(3);
      expect(await begin('a')).toMatchObject({ acknowledgedStage: 3 });
      await store.acknowledge([]);
      expect(await begin('b')).toMatchObject({ attempts: 1, ...nothingSaid });
    });

    test('an end without an answer is acknowledged as stage 0', async () => {
      await record({ frameId: 'a', stage: 0, exit: 'load' });
      await store.acknowledge([{ frameId: 'a', stage: 0, isFinal: true }]);
      expect(await begin('a')).toMatchObject({ acknowledgedStage: 0, isAcknowledged: true });
    });

    test('the same stage sent again adds nothing and may be published again', async () => {
      await begin('a');
      for (const attempt of [1, 2, 3]) {
        expect(await record({ frameId: 'a', stage: 2, cost: 0.5, epoch: attempt, answer: 'x' })).toBe(true);
      }
      expect(await begin('a')).toMatchObject({ spent: 0.5, stage: 2, answer: 'x' });
    });

    test('what all stages so far took is not counted twice, whichever of them are told before, after or again', async () => {
      const [one, two, three] = [
        { stage: 1, cost: 0.125 },
        { stage: 2, cost: 0.25 },
        { stage: 3, cost: 0.25 },
      ];
      const soFar = { ...two, costSoFar: 0.375 };
      const orders = [
        [one, soFar],
        [soFar, one, two],
        [two, soFar, one],
        [soFar, soFar],
        [{ ...three, costSoFar: 0.625 }, soFar, one],
        [one, two, soFar, two],
        [three, soFar, one],
        [one, three, soFar, { ...three, costSoFar: 0.625 }],
      ];
      for (const [i, order] of orders.entries()) {
        const frameId = `order ${i}`;
        for (const told of order) await record({ frameId, ...told });
        const spent = order.some(({ stage }) => stage === 3) ? 0.625 : 0.375;
        expect(await begin(frameId), frameId).toMatchObject({ spent });
      }
    });

    test('a stage below the recorded one may not be published; its cost counts, its answer does not', async () => {
      await begin('a');
      await record({ frameId: 'a', stage: 3, cost: 0.5, answer: 'deep' });
      expect(await record({ frameId: 'a', stage: 1, cost: 0.125, answer: 'shallow' })).toBe(false);
      expect(await begin('a')).toMatchObject({ spent: 0.625, stage: 3, answer: 'deep' });
    });

    test('after a final record nothing may be published but that record again', async () => {
      await begin('a');
      await record({ frameId: 'a', stage: 2, cost: 0.5, answer: 'kept' });
      expect(await record({ frameId: 'a', stage: 2, cost: 0, exit: 'load' })).toBe(true);
      expect(await begin('a')).toMatchObject({ spent: 0.5, stage: 2, answer: 'kept', isFinal: true });
      expect(await record({ frameId: 'a', stage: 2, cost: 0, exit: 'load' })).toBe(true);
      expect(await record({ frameId: 'a', stage: 2, cost: 0, exit: 'load', answer: 'kept' })).toBe(true);
      expect(await record({ frameId: 'a', stage: 2, cost: 0, exit: 'load', answer: 'unlike' })).toBe(false);
      expect(await record({ frameId: 'a', stage: 2, cost: 0, exit: 'deadline' })).toBe(false);
      expect(await record({ frameId: 'a', stage: 2 })).toBe(false);
      expect(await record({ frameId: 'a', stage: 3, exit: 'load' })).toBe(false);
      expect(await begin('a')).toMatchObject({ stage: 2, answer: 'kept', isFinal: true });
    });

    test('a frame may end without an answer: stage 0, final', async () => {
      await begin('a');
      expect(await record({ frameId: 'a', stage: 0, cost: 0, exit: 'load' })).toBe(true);
      expect(await begin('a')).toMatchObject({ spent: 0, stage: 0, answer: null, isFinal: true });
    });

    test('one call records many frames, each judged by itself', async () => {
      await record({ frameId: 'b', stage: 4 });
      const verdicts = await store.record(['a', 'b', 'c'].map((frameId) => entry({ frameId, stage: 2 })));
      expect(verdicts).toEqual([true, false, true]);
    });

    test('any text is an id', async () => {
      const ids = ['', '{}', '}{', 'a b\n', 'frames-0-17', '猫', 'x'.repeat(1000)];
      await store.record(ids.map((frameId, index) => entry({ frameId, stage: index + 1 })));
      const known = await store.begin(ids, HOUR);
      expect(known.map(({ stage }) => stage)).toEqual(ids.map((_, index) => index + 1));
    });

    test('a frame is forgotten when its time to live is over, however often it was touched meanwhile', async () => {
      await begin('b', HOUR);
      const first = await begin('a', 300);
      let touches = 0;
      let last = first;
      await until(async () => {
        await harness.pass(20);
        last = await begin('a', 300);
        if (last?.attempts === 1) return true;
        await record({ frameId: 'a', stage: 2, cost: 0.25 });
        touches += 1;
        return false;
      }, 5000);
      expect(touches).toBeGreaterThan(0);
      expect(await begin('b')).toMatchObject({ attempts: 2 });
    });

    test('two stores see the same frames', async () => {
      const other = await harness.store();
      await begin('a');
      await other.record([entry({ frameId: 'a', stage: 2, cost: 0.5 })]);
      expect(await begin('a')).toMatchObject({ spent: 0.5, attempts: 1, stage: 2 });
      expect(await begin('a')).toMatchObject({ attempts: 2 });
      if (other !== store) await other.stop();
    });
  });
}
