// What a training step is made of, in milliseconds, and how it compares with the same step in PyTorch where that is installed: rounds of both
// sides in turn in one run, medians.
import { arch, cpus } from 'node:os';
import { AnytimeError } from '../../src/errors.ts';
import { passMacs, stageCosts } from '../../src/network/cost.ts';
import { isUsingGpu, loadNative } from '../../src/network/tensorflow-native.ts';
import type { Precision } from '../../src/training/kernels.ts';
import { type Preset, presetNetwork } from '../../src/training/presets.ts';
import { median } from './median.ts';
import { type PyTorch, startPyTorch } from './pytorch-training.ts';
import { createTrainingStep, type StepMs, stepSettings } from './training-step.ts';

export interface TrainingFlags {
  readonly preset: Preset;
  readonly width?: number;
  readonly batch: number;
  readonly steps: number;
  readonly rounds: number;
  readonly precision: Precision;
  /** Of both sides. Default: the processor's. */
  readonly threads?: number;
  /** A Python with PyTorch. */
  readonly pytorch?: string;
}

/** One multiply-accumulate is two operations; backward is twice forward (gradients for the input and for the kernel). */
const OPERATIONS_PER_MAC = 6;

export async function benchTraining(flags: TrainingFlags): Promise<object> {
  const network = presetNetwork(flags.preset, flags.width);
  const settings = stepSettings(network, flags.batch, flags.precision, flags.threads);
  const macs = passMacs(stageCosts(network, settings.classes));
  const tf = await loadNative({ TF_NUM_INTRAOP_THREADS: String(settings.threads) });
  const step = createTrainingStep(tf, settings);
  const pytorch: PyTorch | null = flags.pytorch === undefined ? null : await startPyTorch(flags.pytorch, settings);
  const [ours, theirs]: [StepMs[], StepMs[]] = [[], []];
  try {
    if (pytorch !== null && pytorch.parameters !== step.parameters)
      throw new AnytimeError(
        'engine-failed',
        `Expected ${step.parameters} trained values in PyTorch too, got ${pytorch.parameters}: another network`,
      );
    for (let i = 0; i < 3; i++) step.run(); // warm: the library chooses its kernels at the first run
    for (let round = 1; round <= flags.rounds; round++) {
      for (let i = 0; i < flags.steps; i++) ours.push(step.run().ms);
      if (pytorch !== null) theirs.push(...(await pytorch.round(flags.steps)));
      console.error(`round ${round} of ${flags.rounds}`);
    }
  } finally {
    step.dispose();
    await pytorch?.stop();
  }
  const side = (steps: readonly StepMs[]) => figures(steps, flags.batch, macs);
  const [own, other] = [side(ours), theirs.length === 0 ? null : side(theirs)];
  return {
    bench: 'training',
    network: network.name,
    parameters: step.parameters,
    macs,
    batch: flags.batch,
    precision: flags.precision,
    rounds: flags.rounds,
    stepsPerRound: flags.steps,
    machine: { processor: cpus()[0]?.model ?? arch(), threads: settings.threads, gpu: isUsingGpu(tf) },
    ours: own,
    pytorch: other === null ? null : { version: pytorch?.version, ...other },
    /** Steps per second, ours over PyTorch's, without data: above 1 we are faster. */
    ratio: other === null ? null : round3(other.computeMs / own.computeMs),
  };
}

function figures(steps: readonly StepMs[], batch: number, macs: number) {
  const of = (part: (ms: StepMs) => number) => round3(median(steps.map(part)));
  const compute = ({ forward, backward, optimiser }: StepMs) => forward + backward + optimiser;
  const stepMs = of((ms) => ms.data + compute(ms));
  return {
    ms: {
      data: of(({ data }) => data),
      forward: of(({ forward }) => forward),
      backward: of(({ backward }) => backward),
      optimiser: of(({ optimiser }) => optimiser),
    },
    stepMs,
    computeMs: of(compute),
    framesPerSecond: round3((batch * 1000) / stepMs),
    gigaflopPerSecond: round3((OPERATIONS_PER_MAC * macs * batch) / stepMs / 1e6),
  };
}

const round3 = (value: number) => Math.round(value * 1000) / 1000;
