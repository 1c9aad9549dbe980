// A few hundred hostile inputs, every one accounted for; and the account sees crashes and hangs.
import { expect, test } from 'vitest';
import { runFuzz } from './run-fuzz.ts';

test('hostile images and headers are accepted or refused, and nothing else', async () => {
  const document = await runFuzz({ seed: 20_261, inputs: 400 });
  expect(document.failures).toEqual([]);
  const { 'bad-header': badHeader = 0, 'bad-image': badImage = 0, 'image-too-large': tooLarge = 0 } = document.rejected;
  expect(document.accepted + badHeader + badImage + tooLarge).toBe(400);
  // Each way is taken: else the inputs would not reach what they are to try.
  expect(Math.min(document.accepted, badHeader, badImage, tooLarge)).toBeGreaterThan(5);
  expect(document.maxRssBytes).toBeLessThan(1024 ** 3);
}, 300_000);

test('an input that ends the process, one that is never answered and one that fails otherwise are counted', async () => {
  const document = await runFuzz({ seed: 1, inputs: 9, hangMs: 5000, childFile: 'test/fuzz/broken-child.ts' });
  expect(document).toMatchObject({ inputs: 9, accepted: 4, rejected: { 'bad-image': 2 }, crashes: 2, hangs: 1 });
  expect(document.failures.map(({ index }) => index)).toEqual([3, 5, 6]);
}, 120_000);
