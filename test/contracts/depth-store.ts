// What every DepthStore must do, whatever is behind it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LoadSample } from '../../src/core/load.ts';
import type { DepthStore } from '../../src/ports.ts';
import { until } from '../helpers/until.ts';

export interface DepthStoreHarness {
  /** A started store that shares its contents with the harness' other stores, and with nothing else. */
  store(): Promise<DepthStore>;
  /** Lets `ms` go by for the store. */
  pass(ms: number): Promise<void>;
}

const sample = (workerId: string, parts: Partial<LoadSample> = {}): LoadSample => ({
  workerId,
  at: 1_700_000_000_000,
  arrivalsPerSecond: 120.5,
  queueDelayMs: 3.25,
  utilisation: 0.875,
  refinementDebt: 17,
  ...parts,
});
const MINUTE = 60_000;

export function depthStoreContract(name: string, makeHarness: () => Promise<DepthStoreHarness | null>): void {
  describe(`DepthStore: ${name}`, () => {
    let harness: DepthStoreHarness;
    let store: DepthStore;

    beforeEach(async ({ skip }) => {
      const made = await makeHarness();
      if (made === null) return skip('no server');
      harness = made;
      store = await harness.store();
    });
    afterEach(async () => {
      await store?.stop();
    });

    const workers = async () => (await store.samples()).map(({ workerId }) => workerId).sort();

    test('begins with no samples and no limit', async () => {
      expect(await store.samples()).toEqual([]);
      expect(await store.depthLimit()).toBeNull();
    });

    test('gives the last sample of each worker', async () => {
      await store.report(sample('a'), MINUTE);
      await store.report(sample('b', { queueDelayMs: 90 }), MINUTE);
      await store.report(sample('a', { utilisation: 1 }), MINUTE);
      const samples = await store.samples();
      expect(samples.sort((x, y) => x.workerId.localeCompare(y.workerId))).toEqual([
        sample('a', { utilisation: 1 }),
        sample('b', { queueDelayMs: 90 }),
      ]);
    });

    test("a dead worker's sample goes by itself, the others stay; a new report begins its time anew", async () => {
      await store.report(sample('lives'), MINUTE);
      await store.report(sample('dies'), 300);
      await store.report(sample('reports'), 300);
      expect(await workers()).toEqual(['dies', 'lives', 'reports']);
      await until(async () => {
        await harness.pass(20);
        await store.report(sample('reports'), MINUTE);
        return !(await workers()).includes('dies');
      }, 5000);
      expect(await workers()).toEqual(['lives', 'reports']);
    });

    test('the limit is set, changed and cleared, for every store', async () => {
      const other = await harness.store();
      await store.setDepthLimit(3);
      expect(await other.depthLimit()).toBe(3);
      await other.setDepthLimit(1);
      expect(await store.depthLimit()).toBe(1);
      await store.setDepthLimit(null);
      expect(await other.depthLimit()).toBeNull();
      if (other !== store) await other.stop();
    });

    test.each([0, -1, 1.5, Number.NaN])('%s is no limit', async (limit) => {
      await store.setDepthLimit(2);
      await expect(store.setDepthLimit(limit)).rejects.toMatchObject({ code: 'bad-argument' });
      expect(await store.depthLimit()).toBe(2);
    });
  });
}
