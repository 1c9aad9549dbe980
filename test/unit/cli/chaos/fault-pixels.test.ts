// Colours that are orders: whole frames of one of them, and nothing else.
import { expect, it } from 'vitest';
import { decodeImage } from '../../../../src/adapters/codec/decode-image.ts';
import { COLOURS, type Order, orderIn } from '../../../../src/cli/chaos/fault-pixels.ts';
import { colourImage } from '../../../../src/cli/chaos/make-frame.ts';

it.each(Object.keys(COLOURS) as Order[])('%s comes through the decoder', async (order) => {
  const limits = { width: 32, height: 28, maxPixels: 1e6, maxBytes: 1e6 };
  expect(orderIn(await decodeImage(await colourImage(order), limits))).toBe(order);
});

it('a frame with one other pixel, or of another colour, is a frame like any', () => {
  const pixels = Uint8Array.from({ length: 300 }, (_, i) => COLOURS.slow[i % 3] ?? 0);
  expect(orderIn(pixels)).toBe('slow');
  pixels[200] = (pixels[200] ?? 0) ^ 1;
  expect(orderIn(pixels)).toBeNull();
  expect(orderIn(new Uint8Array(300).fill(7))).toBeNull();
});
