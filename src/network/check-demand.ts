// What a network may demand of the machine that serves it, from its description alone, before anything is allocated for it.
import { badBundle } from './bad-bundle.ts';
import type { Network } from './config.ts';
import { passMacs, stageCosts } from './cost.ts';
import { type Shape, sizeOf, stageShapes } from './shapes.ts';

/** Values of one unit's output for one frame: 64 MiB as float32, 64 channels at 512 × 512. */
export const MAX_ACTIVATION_VALUES = 2 ** 24;
/** Multiply-accumulates of one pass: seconds on one core, ten times a ResNet-152 at 224 × 224. */
export const MAX_MACS = 2e11;

/** Errors: bad-bundle for a network that no frame would come through. */
export function checkDemand(network: Network, classes: number, where: string): void {
  const { height, width, channels } = network.input;
  checkShape(where, 'network.input', [height, width, channels]);
  stageShapes(network).forEach((stage, s) => {
    for (const branch of ['frame', 'trunk'] as const)
      stage[branch].forEach(({ convolutions }, u) => {
        for (const { at } of convolutions) checkShape(where, `network.stages.${s}.${branch}.${u}`, at);
      });
  });
  const macs = passMacs(stageCosts(network, classes));
  if (macs > MAX_MACS)
    throw badBundle(where, `at network: Expected at most ${MAX_MACS} multiply-accumulates a pass, got ${macs}`);
}

function checkShape(where: string, at: string, shape: Shape): void {
  const values = sizeOf(shape);
  if (values > MAX_ACTIVATION_VALUES)
    throw badBundle(where, `at ${at}: Expected at most ${MAX_ACTIVATION_VALUES} values a frame, got ${values}`);
}
