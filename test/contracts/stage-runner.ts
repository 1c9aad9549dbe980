// What every StageRunner does, as one suite: called for the real one and for the fake.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pixels, StageInput, StageRunner } from '../../src/ports.ts';

export interface StageRunnerUnderTest {
  readonly runner: StageRunner;
  readonly stages: number;
  readonly classes: number;
  /** Frame number `index`; frames of different numbers have different scores. */
  pixels(index: number): Pixels;
  /** From now on: the engine dies as soon as the next run is given to it. */
  crashInNextRun(): void;
  /** Remove what the runner needs, after it has stopped. */
  cleanUp?(): Promise<void>;
}

export function stageRunnerContract(name: string, make: () => Promise<StageRunnerUnderTest>): void {
  describe(`StageRunner: ${name}`, () => {
    let under: StageRunnerUnderTest;
    let runner: StageRunner;
    const fresh = (index: number): StageInput => ({ handle: null, pixels: under.pixels(index) });
    /** Scores of a frame at every exit, run alone from stage 1; leaves nothing held. */
    async function alone(index: number): Promise<number[][]> {
      let input = fresh(index);
      const scores: number[][] = [];
      for (let stage = 1; stage <= under.stages; stage++) {
        const { outputs } = await runner.runStage(stage, [input]);
        scores.push([...(outputs[0]?.scores ?? [])]);
        input = { handle: outputs[0]?.handle ?? null, pixels: null };
      }
      if (input.handle !== null) runner.release([input.handle]);
      return scores;
    }

    beforeEach(async () => {
      under = await make();
      runner = under.runner;
    });
    afterEach(async () => {
      await runner.stop();
      await under.cleanUp?.();
    });

    it('measures every stage at two batch sizes or more while it starts', async () => {
      const timings = await runner.start();
      for (let stage = 1; stage <= under.stages; stage++) {
        const ofStage = timings.filter((timing) => timing.stage === stage);
        expect(new Set(ofStage.map(({ batch }) => batch)).size).toBeGreaterThanOrEqual(2);
        expect(ofStage.every(({ ms }) => ms > 0)).toBe(true);
      }
      expect(runner.status()).toMatchObject({ generation: 1, heldActivations: 0, heldBytes: 0, busyMs: 0 });
    });

    it('answers in the order of the frames, whichever batch they are in', async () => {
      await runner.start();
      const expected = [await alone(0), await alone(1), await alone(2)];
      expect(expected[0]?.[0]).not.toEqual(expected[1]?.[0]);
      const first = await runner.runStage(1, [fresh(2), fresh(0)]);
      const other = await runner.runStage(1, [fresh(1)]);
      const handles = [first.outputs[1], other.outputs[0], first.outputs[0]].map((output) => output?.handle ?? -1);
      // Frames of two earlier batches share one now, in yet another order.
      const second = await runner.runStage(
        2,
        handles.map((handle) => ({ handle, pixels: null })),
      );
      expect(second.outputs.map(({ handle }) => handle)).toEqual(handles);
      second.outputs.forEach(({ scores }, index) => {
        expect(scores).toHaveLength(under.classes);
        expect([...scores].reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 5);
        scores.forEach((score, c) => {
          expect(score).toBeCloseTo(expected[index]?.[1]?.[c] ?? Number.NaN, 5);
        });
      });
    });

    it('holds what a later stage needs until it is released', async () => {
      await runner.start();
      const { outputs } = await runner.runStage(1, [fresh(0), fresh(1)]);
      const held = runner.status();
      expect(held.heldActivations).toBe(2);
      expect(held.heldBytes).toBeGreaterThan(0);
      runner.release([outputs[0]?.handle ?? -1]);
      expect(runner.status()).toMatchObject({ heldActivations: 1, heldBytes: held.heldBytes / 2 });
      const gone = runner.runStage(2, [{ handle: outputs[0]?.handle ?? -1, pixels: null }]);
      await expect(gone).rejects.toMatchObject({ code: 'engine-failed' });
      runner.release([outputs[1]?.handle ?? -1, 999_999]);
      expect(runner.status()).toMatchObject({ heldActivations: 0, heldBytes: 0 });
    });

    it('refuses a new frame without pixels and a stage out of order, and goes on', async () => {
      await runner.start();
      const noPixels = runner.runStage(1, [{ handle: null, pixels: null }]);
      await expect(noPixels).rejects.toMatchObject({ code: 'bad-argument' });
      const noStage = runner.runStage(under.stages + 1, [fresh(0)]);
      await expect(noStage).rejects.toMatchObject({ code: 'engine-failed' });
      const { outputs } = await runner.runStage(1, [fresh(0)]);
      const skipping = runner.runStage(under.stages, [{ handle: outputs[0]?.handle ?? -1, pixels: null }]);
      await expect(skipping).rejects.toMatchObject({ code: 'engine-failed' });
      expect(await alone(1)).toHaveLength(under.stages);
    });

    it('counts the time it computed', async () => {
      await runner.start();
      const { computeMs } = await runner.runStage(1, [fresh(0)]);
      expect(computeMs).toBeGreaterThan(0);
      expect(runner.status().busyMs).toBeGreaterThanOrEqual(computeMs - 0.001);
    });

    it('after a crash rejects the run and every old handle, and runs new frames with the next generation', async () => {
      await runner.start();
      const before = await alone(0);
      const { outputs } = await runner.runStage(1, [fresh(0)]);
      const { busyMs } = runner.status();
      under.crashInNextRun();
      const run = runner.runStage(2, [{ handle: outputs[0]?.handle ?? -1, pixels: null }]);
      await expect(run).rejects.toMatchObject({ code: 'engine-crashed', retriable: true });
      expect(runner.status()).toMatchObject({ generation: 2, heldActivations: 0, heldBytes: 0 });
      const old = runner.runStage(2, [{ handle: outputs[0]?.handle ?? -1, pixels: null }]);
      await expect(old).rejects.toMatchObject({ code: 'engine-restarted', retriable: true });
      expect(await alone(0)).toEqual(before);
      expect(runner.status().busyMs).toBeGreaterThan(busyMs);
    });

    it('stops for good, twice without harm', async () => {
      await runner.start();
      await Promise.all([runner.stop(), runner.stop()]);
      await expect(runner.runStage(1, [fresh(0)])).rejects.toMatchObject({ code: 'stopped' });
      await expect(runner.start()).rejects.toMatchObject({ code: 'stopped' });
    });
  });
}
