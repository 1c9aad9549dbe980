// The stage runner's suite, for the real one (wasm: there everywhere) and for the fake.
import { systemClock } from '../../src/adapters/system/clock.ts';
import { FakeStageRunner } from '../fakes/stage-runner.ts';
import { realStageRunner } from '../helpers/bundle-runner.ts';
import { stageRunnerContract } from './stage-runner.ts';

stageRunnerContract('tfjs, wasm', () => realStageRunner('wasm'));

stageRunnerContract('fake', async () => {
  const runner = new FakeStageRunner({
    clock: systemClock,
    stages: 3,
    scores: (pixels, stage) => {
      const right = 1 - 1 / (1 + stage + (pixels[0] ?? 0));
      return Float32Array.of(right, 1 - right);
    },
  });
  return {
    runner,
    stages: 3,
    classes: 2,
    pixels: (index) => Uint8Array.of(index),
    crashInNextRun: () => runner.crash(),
  };
});
