// Whitening: the eigenvectors are right, and what comes out of the kernels has variance 1 and no correlation.
import { describe, expect, it } from 'vitest';
import { type FrameSet, normalisationOf, normalise } from '../../../src/training/frames.ts';
import { random } from '../../../src/training/random.ts';
import { eigen, whiteningKernel } from '../../../src/training/whitening.ts';

describe('eigen', () => {
  it('takes a symmetric matrix apart so that the parts make it again', () => {
    const n = 6;
    const source = random(2);
    const half = Array.from({ length: n * n }, () => source.normal());
    const matrix = Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      return (half[i * n + j] as number) + (half[j * n + i] as number);
    });
    const { values, vectors } = eigen(matrix, n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++)
          sum += (vectors[i * n + k] as number) * (values[k] as number) * (vectors[j * n + k] as number);
        expect(sum).toBeCloseTo(matrix[i * n + j] as number, 9);
      }
  });
});

describe('whiteningKernel', () => {
  it('refuses a kernel that does not fit into a frame', () => {
    const data = {
      name: 'n',
      classes: ['a'],
      height: 4,
      width: 3,
      pixels: new Uint8Array(36),
      labels: Uint16Array.of(0),
    };
    const to = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
    expect(() => whiteningKernel(data, to, 4, 8, random(1))).toThrow(/no larger than the frame, 4×3, got 4×4/);
  });

  it('makes uncorrelated outputs of variance 1 from correlated pixels', () => {
    const source = random(5);
    // Smooth frames: each pixel is the running mean of noise, so neighbours and channels go together.
    const pixels = new Uint8Array(40 * 16 * 16 * 3);
    let level = 128;
    for (let i = 0; i < pixels.length; i++) {
      level = Math.max(0, Math.min(255, level + 12 * source.normal()));
      pixels[i] = level;
    }
    const data: FrameSet = {
      name: '',
      classes: ['a', 'b'],
      height: 16,
      width: 16,
      pixels,
      labels: new Uint16Array(40),
    };
    const to = normalisationOf(data);
    const [k, out] = [2, 12];
    const kernel = whiteningKernel(data, to, k, out, random(6));
    const table = normalise(to);
    const sums = new Float64Array(out * out);
    const picks = random(7);
    const count = 4000;
    for (let n = 0; n < count; n++) {
      const at = (picks.below(40) * 256 + picks.below(15) * 16 + picks.below(15)) * 3;
      const patch = [0, 1, 2, 3, 4, 5, 48, 49, 50, 51, 52, 53].map(
        (o, i) => table[(i % 3) * 256 + (pixels[at + o] as number)] as number,
      );
      const y = Array.from({ length: out }, (_, o) =>
        patch.reduce((sum, x, i) => sum + x * (kernel[i * out + o] as number), 0),
      );
      for (let i = 0; i < out; i++)
        for (let j = 0; j < out; j++)
          sums[i * out + j] = (sums[i * out + j] as number) + ((y[i] as number) * (y[j] as number)) / count;
    }
    for (let i = 0; i < out; i++)
      for (let j = 0; j < out; j++) {
        expect(Math.abs((sums[i * out + j] as number) - (i === j ? 1 : 0))).toBeLessThan(0.2);
      }
  });
});
