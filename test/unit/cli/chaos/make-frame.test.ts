// Poisonous frames are refused by the product's own parser and decoder, good ones are not.
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { decodeImage } from '../../../../src/adapters/codec/decode-image.ts';
import { orderIn } from '../../../../src/cli/chaos/fault-pixels.ts';
import { frameIdOfNumber } from '../../../../src/cli/chaos/frame-number.ts';
import { frameMaker } from '../../../../src/cli/chaos/make-frame.ts';
import { framePool } from '../../../../src/cli/frame-pool.ts';
import { parseFrameSpec } from '../../../../src/core/frame-spec.ts';
import { frameRecord } from '../../../helpers/records.ts';

const noise = (seed: number) => Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 7919 * (seed + 1)) % 251);
const jpeg = async (seed: number) => {
  const raw = { width: 32, height: 32, channels: 3 as const };
  return {
    id: `image-${seed}`,
    label: null,
    bytes: new Uint8Array(await sharp(noise(seed), { raw }).jpeg().toBuffer()),
  };
};
const limits = { width: 32, height: 32, maxPixels: 1e6, maxBytes: 1e6 };
const defaults = { deadlineMs: null, budget: 1, minConfidence: 0.9 };
const make = await frameMaker(framePool([await jpeg(1), await jpeg(2)], 1), 1);
const specOf = (n: number, poison: Parameters<typeof make.record>[1]) => {
  const { value, headers } = make.record(n, poison, 1_700_000_000_000);
  return parseFrameSpec(frameRecord({ value, headers }), defaults);
};
const pixelsOf = async (n: number, poison: Parameters<typeof make.record>[1]) =>
  await decodeImage(make.record(n, poison, 0).value ?? new Uint8Array(), limits);

it('a good frame parses, decodes, and is no order; one in four has a deadline', async () => {
  expect(specOf(5, null)).toMatchObject({ id: frameIdOfNumber(5), deadline: null });
  expect(specOf(8, null).deadline).not.toBeNull();
  expect(orderIn(await pixelsOf(5, null))).toBeNull();
});

it.each(Array.from({ length: 8 }, (_, n) => n))('bad header %i is refused', (n) => {
  expect(() => specOf(n, 'bad-header')).toThrow('Expected header');
});

it('what is not an image is refused, whichever of its kinds it is', async () => {
  for (let n = 0; n < 60; n++) await expect(pixelsOf(n, 'not-an-image'), `frame ${n}`).rejects.toThrow('Expected');
});

it.each(['crashes-engine', 'hangs-engine', 'kills-worker'] as const)('%s parses and is the order', async (poison) => {
  expect(specOf(1, poison).id).toBe(frameIdOfNumber(1));
  expect(orderIn(await pixelsOf(1, poison))).toBe(poison);
});
