// An evaluation of made-up answers for tests of the report: drawn from a seed, right more often at later exits; every figure is worked out from
// them by the product's own code.
import { evaluate } from '../../src/evaluation/evaluate.ts';
import type { ExitAnswers, LabelledFrames } from '../../src/evaluation/exit-answers.ts';
import type { ReportInput } from '../../src/evaluation/report/report-input.ts';
import { NetworkSchema } from '../../src/network/config.ts';
import type { StageRunner } from '../../src/ports.ts';
import { idleStatus } from '../fakes/idle-status.ts';
import { randomBundle, randomNumbers } from './random-bundle.ts';

export interface MadeUp {
  readonly exits: number;
  readonly frames: number;
  readonly classes: readonly string[];
  /** Pixels of a side of a frame. Default 16. */
  readonly side?: number;
}

export async function reportInput({ exits, frames: count, classes, side = 16 }: MadeUp): Promise<ReportInput> {
  const network = NetworkSchema.parse({
    name: 'made-up',
    input: { height: side, width: side, channels: 3 },
    stages: Array.from({ length: exits }, (_, s) =>
      s === 0
        ? { takes: 'frame', frame: [{ kind: 'conv', out: 4, stride: 4 }] }
        : { takes: 'activations', trunk: [{ kind: 'conv', out: 4 }] },
    ),
  });
  const bundled = randomBundle(network, 1, classes.length).model;
  const calibration = {
    temperature: 1.5,
    before: { error: 0.1234, separation: 0.71 },
    after: { error: 0.0321, separation: null },
  };
  const quality = { ...bundled.quality, exits: bundled.quality.exits.map((exit) => ({ ...exit, calibration })) };
  const model = { ...bundled, classes: [...classes], quality };
  const random = randomNumbers(7);
  const frames: LabelledFrames = {
    name: 'data <of> mine',
    height: side,
    width: side,
    pixels: Uint8Array.from({ length: count * side * side * 3 }, () => random() * 256),
    labels: Uint16Array.from({ length: count }, (_, f) => f % classes.length),
  };
  let answers: readonly ExitAnswers[] = [];
  const evaluation = await evaluate({
    model,
    frames,
    runner: drawingRunner(frames.labels, classes.length, exits),
    batch: count,
    onAnswers: (given) => {
      answers = given;
    },
  });
  const made = {
    command: "anytime evaluate --data 'data <of> mine'",
    at: new Date(Date.UTC(2026, 0, 2, 3, 4, 5)),
    skipped: 2,
  };
  return { model, evaluation, answers, frames, opt: null, optNetwork: null, made };
}

/** Its handles are frame numbers: it must be given all frames in one batch. */
function drawingRunner(labels: Uint16Array, classes: number, exits: number): StageRunner {
  const random = randomNumbers(11);
  return {
    start: async () => [],
    runStage: async (stage, inputs) => ({
      computeMs: 1,
      outputs: inputs.map((_, frame) => {
        const isRight = random() < 0.3 + (0.5 * stage) / exits;
        const said = ((labels[frame] as number) + (isRight ? 0 : 1)) % classes;
        const sure = 0.5 + 0.5 * random();
        const scores = new Float32Array(classes).fill((1 - sure) / (classes - 1));
        scores[said] = sure;
        return { handle: frame, scores };
      }),
    }),
    release: () => {},
    status: () => idleStatus('drawn <at> random'),
    stop: async () => {},
  };
}
