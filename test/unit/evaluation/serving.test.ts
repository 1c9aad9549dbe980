// Evaluation equals serving: the same frames through `evaluate` and through the pipeline leave at the same exit with the same answer, rule by rule.
import { expect, it } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import type { AnswerPolicy } from '../../../src/core/answer-rule.ts';
import { evaluate } from '../../../src/evaluation/evaluate.ts';
import type { ExitAnswers } from '../../../src/evaluation/exit-answers.ts';
import { leavingStages } from '../../../src/evaluation/exit-threshold.ts';
import { NetworkSchema } from '../../../src/network/config.ts';
import type { Model } from '../../../src/network/model.ts';
import { stageTableOf } from '../../../src/network/stage-table-of.ts';
import { pipelineSettings } from '../../../src/pipeline-settings.ts';
import type { Clock } from '../../../src/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { FakeStageRunner } from '../../fakes/stage-runner.ts';
import { madeUpScores } from '../../helpers/made-up-scores.ts';
import { useHarnesses } from '../../helpers/pipeline-harness.ts';
import { randomBundle } from '../../helpers/random-bundle.ts';

const start = useHarnesses();
const COUNT = 90;
const STAGES = 4;
const SIDE = 8;
const network = NetworkSchema.parse({
  name: 'made-up',
  input: { height: SIDE, width: SIDE, channels: 3 },
  stages: Array.from({ length: STAGES }, (_, s) =>
    s === 0
      ? { takes: 'frame', frame: [{ kind: 'conv', out: 4, stride: 2 }] }
      : { takes: 'activations', trunk: [{ kind: 'conv', out: 4 }] },
  ),
});
const { scores, labels } = madeUpScores({ frames: COUNT, sharpness: [0.8, 1, 1, 1.2], seed: 1 });
const runnerOn = (clock: Clock) =>
  new FakeStageRunner({
    clock,
    stages: STAGES,
    // A frame's pixels begin with its number.
    scores: ([frame = 0], stage) => (scores[stage - 1] as Float32Array).slice(3 * frame, 3 * frame + 3),
  });
/** Runs take no time. */
const atOnce: Clock = {
  now: () => 0,
  after: (_, then) => {
    then();
    return () => {};
  },
};

/** What the bundle decides in a worker's settings. */
function asTheWorker(model: Model) {
  const { table, answer, classes } = pipelineSettings(loadConfig({ environment: {} }), model);
  return { table, answer, classes };
}

const POLICIES: readonly AnswerPolicy[] = [
  { rule: 'latest' },
  { rule: 'most-confident' },
  { rule: 'product' },
  { rule: 'product', weights: Array.from({ length: STAGES }, (_, s) => ({ own: 0.9, before: 0.2 * s })) },
];

it.each(POLICIES)('$rule', async (answer) => {
  const model: Model = { ...randomBundle(network, 1, 3).model, defaultMinConfidence: 0.8, answer };
  const frames = {
    name: 'made up',
    height: SIDE,
    width: SIDE,
    pixels: Uint8Array.from({ length: COUNT * SIDE * SIDE * 3 }, (_, i) => Math.floor(i / (SIDE * SIDE * 3))),
    labels: Uint16Array.from(labels),
  };
  const measuring = runnerOn(atOnce);
  await measuring.start();
  let exits: readonly ExitAnswers[] = [];
  const onAnswers = (given: readonly ExitAnswers[]) => {
    exits = given;
  };
  const { earlyExit } = await evaluate({ model, frames, runner: measuring, onAnswers });
  const table = stageTableOf(model);
  const leaving = leavingStages(exits, COUNT, table, 0.8);

  const clock = new ManualClock();
  const harness = await start({
    clock,
    ports: { runner: runnerOn(clock), decoder: { decode: async (bytes) => bytes } },
    settings: {
      ...asTheWorker(model),
      defaults: { deadlineMs: null, budget: 1, minConfidence: model.defaultMinConfidence },
    },
  });
  for (let frame = 0; frame < COUNT; frame++) harness.send(Uint8Array.of(frame), { ce_id: String(frame) });
  await harness.until(() => harness.committed() === BigInt(COUNT));
  const served = harness.results().filter(({ final }) => final);
  expect(served).toHaveLength(COUNT);
  let right = 0;
  for (const { id, stage, answerStage = 0, label, confidence } of served) {
    const frame = Number(id);
    const exit = exits[stage - 1] as ExitAnswers;
    expect(stage).toBe(leaving[frame]);
    expect(label).toBe(model.classes[exit.classes[frame] as number]);
    expect(confidence).toBe(exit.confidences[frame]);
    expect(answerStage).toBeGreaterThan(0);
    expect(answerStage).toBeLessThanOrEqual(stage);
    if (label === model.classes[labels[frame] as number]) right += 1;
  }
  expect(right / COUNT).toBe(earlyExit.accuracy);
});
