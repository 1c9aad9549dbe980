// A network for another input size keeps its units; a size at which they do not fit together is refused by stage.
import { expect, it } from 'vitest';
import { stageShapes } from '../../../src/network/shapes.ts';
import { PRESETS, presetNetwork } from '../../../src/training/presets.ts';
import { resized } from '../../../src/training/resized.ts';

it.each([48, 64])('makes the maps of every stage larger for %i pixels', (size) => {
  const network = presetNetwork('tiny');
  const larger = resized(network, size);
  expect(larger).toMatchObject({ stages: network.stages, input: { height: size, width: size, channels: 3 } });
  const [first] = stageShapes(larger);
  expect(first?.output.slice(0, 2)).toEqual([size / 4, size / 4]);
});

it.each(PRESETS.flatMap((preset) => [48, 64].map((size) => [preset, size] as const)))(
  'builds %s at %i',
  (preset, size) => {
    expect(stageShapes(resized(presetNetwork(preset), size))).toHaveLength(presetNetwork(preset).stages.length);
  },
);

it('leaves a network of that size as it is', () => {
  const network = presetNetwork('tiny');
  expect(resized(network, 32)).toBe(network);
});

it('names the stage that does not fit', () => {
  expect(() => resized(presetNetwork('tiny'), 50)).toThrow(/Expected `size` .* got 50: .*stage 2/);
});
