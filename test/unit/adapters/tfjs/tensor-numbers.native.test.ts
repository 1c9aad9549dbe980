// The numbers that the native library gives its tensors, in stage threads of their own.
import { describe, expect, it } from 'vitest';
import { AnytimeError } from '../../../../src/errors.ts';
import type { StageInput, StageOutput, StageRunner } from '../../../../src/ports.ts';
import { type BundleRunner, bundleRunner } from '../../../helpers/bundle-runner.ts';
import { hasNativeInThread } from '../../../helpers/native.ts';
import { EVERY_KIND, framePixels } from '../../../helpers/random-bundle.ts';
import { until } from '../../../helpers/until.ts';

const PIXELS = framePixels(EVERY_KIND, 1);
const STAGES = EVERY_KIND.stages.length;

async function withRunner(soon: number, atOnce: number, body: (real: BundleRunner) => Promise<void>): Promise<void> {
  const real = await bundleRunner(EVERY_KIND, 'tensorflow', { tensorNumbers: { soon, atOnce } });
  try {
    await real.runner.start();
    await body(real);
  } finally {
    await real.cleanUp();
  }
}

/** One frame through all stages, begun anew where its thread was spent meanwhile; its scores at each exit. */
async function throughAll(runner: StageRunner): Promise<Float32Array[]> {
  for (;;) {
    try {
      const scores: Float32Array[] = [];
      let next: StageInput = { handle: null, pixels: PIXELS };
      for (let stage = 1; stage <= STAGES; stage++) {
        const [output] = (await runner.runStage(stage, [next])).outputs as [StageOutput];
        scores.push(output.scores);
        next = { handle: output.handle, pixels: null };
      }
      runner.release([next.handle ?? -1]);
      return scores;
    } catch (error) {
      if (!(error instanceof AnytimeError) || error.code !== 'engine-restarted') throw error;
    }
  }
}

describe.skipIf(!(await hasNativeInThread()))('a native stage thread', () => {
  it('goes when its numbers run out, and the next one answers the same', () =>
    withRunner(1e9, 2000, async ({ runner }) => {
      const first = await throughAll(runner);
      for (let frame = 2; runner.status().generation < 3; frame++) {
        expect(await throughAll(runner)).toEqual(first);
        expect(frame).toBeLessThan(500);
      }
    }));

  it('goes before, once it is idle and holds nothing', () =>
    withRunner(1, 1e9, async ({ runner }) => {
      const { outputs } = await runner.runStage(1, [{ handle: null, pixels: PIXELS }]);
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(runner.status().generation).toBe(1);
      runner.release(outputs.map(({ handle }) => handle));
      const { outputs: others } = await runner.runStage(1, [{ handle: null, pixels: PIXELS }]);
      runner.release(others.map(({ handle }) => handle));
      await until(() => runner.status().generation === 2);
      expect(await throughAll(runner)).toHaveLength(STAGES);
    }));

  it('stays while it has enough of them', () =>
    withRunner(1e9, 1e9, async ({ runner }) => {
      for (let frame = 1; frame <= 50; frame++) await throughAll(runner);
      expect(runner.status()).toMatchObject({ generation: 1, heldActivations: 0 });
    }));
});
