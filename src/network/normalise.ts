// Pixels as the network wants them: (pixel / 255 − mean) / std per channel, from a table of the 256 × 3 possible values.
import type { Model } from './model.ts';

/**
 * A function that writes the normalised values of RGB pixels (0…255, interleaved) to `target` from index `at` on. The table
 * costs 3 KiB and makes normalising a copy: no kernel runs for it, and every engine gets the same float32 values.
 */
export function createNormaliser({
  mean,
  std,
}: Model['normalisation']): (pixels: Uint8Array, target: Float32Array, at: number) => void {
  const table = new Float32Array(3 * 256);
  for (let channel = 0; channel < 3; channel++)
    for (let pixel = 0; pixel < 256; pixel++)
      table[channel * 256 + pixel] = (pixel / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1);
  return (pixels, target, at) => {
    for (let i = 0; i + 2 < pixels.length; i += 3) {
      target[at + i] = table[pixels[i] as number] as number;
      target[at + i + 1] = table[256 + (pixels[i + 1] as number)] as number;
      target[at + i + 2] = table[512 + (pixels[i + 2] as number)] as number;
    }
  };
}
