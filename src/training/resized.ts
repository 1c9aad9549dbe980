// A network for frames of another size: the same units, larger or smaller maps. Pure.
import { AnytimeError, messageOf } from '../errors.ts';
import type { Network } from '../network/config.ts';
import { stageShapes } from '../network/shapes.ts';

/** `size`: height and width of the frames, pixels. Errors: bad-argument, naming the stage that cannot be built at this size. */
export function resized(network: Network, size: number): Network {
  const { input } = network;
  if (input.height === size && input.width === size) return network;
  const name = `${network.name.slice(0, 58)}-${size}px`;
  const next: Network = { ...network, name, input: { ...input, height: size, width: size } };
  try {
    stageShapes(next);
  } catch (cause) {
    throw new AnytimeError(
      'bad-argument',
      `Expected \`size\` to be one at which the stages of ${network.name} fit together, got ${size}: ${messageOf(cause)}`,
      { cause },
    );
  }
  return next;
}
