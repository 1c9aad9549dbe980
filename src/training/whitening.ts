// Whitening kernels: the directions in which patches of training frames vary, each scaled to variance 1 (arXiv 2404.00498).
import { AnytimeError } from '../errors.ts';
import type { FrameSet, Normalisation } from './frames.ts';
import { normalise } from './frames.ts';
import type { Random } from './random.ts';

const PATCHES = 20_000;
/** Added to each variance, so that directions that hardly vary are not blown up. */
const EPSILON = 5e-4;

/**
 * Kernel [k,k,3,out] as values row by row. With `out` = k·k·3 the convolution loses nothing. Patches are drawn from random places of
 * random frames. More outputs than directions repeat them with the other sign. Errors: bad-argument where it does not fit into a frame.
 */
export function whiteningKernel(
  data: FrameSet,
  to: Normalisation,
  k: number,
  out: number,
  source: Random,
): Float32Array {
  if (k > Math.min(data.height, data.width)) {
    const message = `Expected a whitening kernel no larger than the frame, ${data.height}×${data.width}, got ${k}×${k}`;
    throw new AnytimeError('bad-argument', message);
  }
  const size = k * k * 3;
  const covariance = patchCovariance(data, to, k, source);
  const { values, vectors } = eigen(covariance, size);
  const order = Array.from(values.keys()).sort((a, b) => (values[b] as number) - (values[a] as number));
  const kernel = new Float32Array(size * out);
  for (let o = 0; o < out; o++) {
    const which = order[o % size] as number;
    const scale = (o < size ? 1 : -1) / Math.sqrt(Math.max(0, values[which] as number) + EPSILON);
    for (let i = 0; i < size; i++) kernel[i * out + o] = (vectors[i * size + which] as number) * scale;
  }
  return kernel;
}

function patchCovariance(data: FrameSet, to: Normalisation, k: number, source: Random): Float64Array {
  const size = k * k * 3;
  const covariance = new Float64Array(size * size);
  const patch = new Float64Array(size);
  const tables = normalise(to);
  for (let n = 0; n < PATCHES; n++) {
    const frame = source.below(data.labels.length) * data.height * data.width * 3;
    const [top, left] = [source.below(data.height - k + 1), source.below(data.width - k + 1)];
    for (let y = 0, i = 0; y < k; y++)
      for (let x = 0; x < k; x++)
        for (let c = 0; c < 3; c++, i++) {
          const pixel = data.pixels[frame + ((top + y) * data.width + left + x) * 3 + c] as number;
          patch[i] = tables[c * 256 + pixel] as number;
        }
    for (let i = 0; i < size; i++)
      for (let j = 0; j <= i; j++) {
        covariance[i * size + j] =
          (covariance[i * size + j] as number) + ((patch[i] as number) * (patch[j] as number)) / PATCHES;
      }
  }
  for (let i = 0; i < size; i++)
    for (let j = 0; j < i; j++) covariance[j * size + i] = covariance[i * size + j] as number;
  return covariance;
}

/** Eigenvalues and eigenvectors (columns) of a symmetric matrix by cyclic Jacobi rotations. */
export function eigen(matrix: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice();
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  const at = (m: Float64Array, i: number, j: number) => m[i * n + j] as number;
  for (let sweep = 0; sweep < 30; sweep++) {
    let rest = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rest += at(a, p, q) ** 2;
    if (rest < 1e-20) break;
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(at(a, p, q)) < 1e-300) continue;
        const theta = (at(a, q, q) - at(a, p, p)) / (2 * at(a, p, q));
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const cos = 1 / Math.sqrt(t * t + 1);
        const sin = t * cos;
        for (let i = 0; i < n; i++) {
          const [x, y] = [at(a, i, p), at(a, i, q)];
          a[i * n + p] = cos * x - sin * y;
          a[i * n + q] = sin * x + cos * y;
        }
        for (let i = 0; i < n; i++) {
          const [x, y] = [at(a, p, i), at(a, q, i)];
          a[p * n + i] = cos * x - sin * y;
          a[q * n + i] = sin * x + cos * y;
        }
        for (let i = 0; i < n; i++) {
          const [x, y] = [at(vectors, i, p), at(vectors, i, q)];
          vectors[i * n + p] = cos * x - sin * y;
          vectors[i * n + q] = sin * x + cos * y;
        }
      }
  }
  return { values: Float64Array.from({ length: n }, (_, i) => at(a, i, i)), vectors };
}
