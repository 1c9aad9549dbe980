// The oracle: the whole network at once, frame by frame, in plain loops and doubles, without stages, batches or tfjs.
import type { Bundle, WeightTensor } from '../../src/network/bundle.ts';
import type { Unit } from '../../src/network/config.ts';
import { tensorName } from '../../src/network/model.ts';
import { headName } from '../../src/network/shapes.ts';

interface Map3 {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: readonly number[];
}

/** Probabilities of the classes at every exit, for one frame. */
export function wholeNetwork({ model, tensors }: Bundle, pixels: Uint8Array): number[][] {
  const { mean, std } = model.normalisation;
  const { height, width, channels } = model.network.input;
  const data = [...pixels].map((pixel, i) => (pixel / 255 - (mean[i % 3] ?? 0)) / (std[i % 3] ?? 1));
  const frame: Map3 = { height, width, channels, data };
  let activations: Map3 | null = null;
  return model.network.stages.map(({ takes, frame: frameUnits, trunk }, index) => {
    const run = (branch: 'frame' | 'trunk', units: readonly Unit[], x: Map3) =>
      units.reduce(
        (y, unit, u) => runUnit(unit, y, (c, part) => get(tensors, tensorName(index + 1, branch, u, c, part))),
        x,
      );
    const fromFrame = takes === 'activations' ? null : run('frame', frameUnits, frame);
    const inputs = [fromFrame, takes === 'frame' ? null : activations].filter((x) => x !== null);
    activations = run('trunk', trunk, inputs.reduce(concatenated));
    return head(activations, get(tensors, headName(index + 1, 'kernel')), get(tensors, headName(index + 1, 'bias')));
  });
}

function runUnit(unit: Unit, x: Map3, weight: (conv: number, part: string) => WeightTensor): Map3 {
  const convolved = (input: Map3, c: number, stride: number) => convolve(input, weight(c, 'kernel'), stride);
  const biased = (y: Map3, c: number) =>
    mapped(y, (value, i) => value + (weight(c, 'bias').data[i % y.channels] ?? Number.NaN));
  if (unit.kind === 'whiten') return biased(convolved(x, 0, unit.stride), 0);
  if (unit.kind === 'conv') return relu(biased(maxPool(convolved(x, 0, unit.stride), unit.pool ?? 1), 0));
  const first = relu(biased(convolved(x, 0, 1), 0));
  const second = biased(convolved(first, 1, 1), 1);
  return relu(mapped(x, (value, i) => value + (second.data[i] ?? Number.NaN)));
}

function convolve(x: Map3, { shape, data }: WeightTensor, stride: number): Map3 {
  const [size = 0, , into = 0, out = 0] = shape;
  const height = Math.ceil(x.height / stride);
  const width = Math.ceil(x.width / stride);
  const before = (length: number, output: number) => Math.floor(Math.max((output - 1) * stride + size - length, 0) / 2);
  const top = before(x.height, height);
  const left = before(x.width, width);
  const result: number[] = [];
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      for (let o = 0; o < out; o++) {
        let sum = 0;
        for (let i = 0; i < size; i++)
          for (let j = 0; j < size; j++) {
            const r = row * stride + i - top;
            const c = column * stride + j - left;
            if (r < 0 || c < 0 || r >= x.height || c >= x.width) continue;
            for (let k = 0; k < into; k++)
              sum +=
                (x.data[(r * x.width + c) * into + k] ?? Number.NaN) *
                (data[((i * size + j) * into + k) * out + o] ?? Number.NaN);
          }
        result.push(sum);
      }
  return { height, width, channels: out, data: result };
}

function maxPool(x: Map3, pool: number): Map3 {
  const height = Math.floor(x.height / pool);
  const width = Math.floor(x.width / pool);
  const at = (r: number, c: number, k: number) => x.data[(r * x.width + c) * x.channels + k] ?? Number.NaN;
  const data = Array.from({ length: height * width * x.channels }, (_, index) => {
    const k = index % x.channels;
    const column = Math.floor(index / x.channels) % width;
    const row = Math.floor(index / x.channels / width);
    const window = Array.from({ length: pool * pool }, (_, w) =>
      at(row * pool + Math.floor(w / pool), column * pool + (w % pool), k),
    );
    return Math.max(...window);
  });
  return { height, width, channels: x.channels, data };
}

function head(x: Map3, kernel: WeightTensor, bias: WeightTensor): number[] {
  const pooled = Array.from({ length: x.channels }, (_, k) => {
    const values = x.data.filter((_, i) => i % x.channels === k).map((value) => Math.max(0, value));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  });
  const logits = [...bias.data].map((b, c) =>
    pooled.reduce((sum, value, k) => sum + value * (kernel.data[k * bias.data.length + c] ?? Number.NaN), b),
  );
  const powers = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

function concatenated(a: Map3, b: Map3): Map3 {
  const data = Array.from({ length: a.height * a.width }, (_, i) => [
    ...a.data.slice(i * a.channels, (i + 1) * a.channels),
    ...b.data.slice(i * b.channels, (i + 1) * b.channels),
  ]).flat();
  return { ...a, channels: a.channels + b.channels, data };
}

const mapped = (x: Map3, change: (value: number, index: number) => number): Map3 => ({
  ...x,
  data: x.data.map(change),
});
const relu = (x: Map3): Map3 => mapped(x, (value) => Math.max(0, value));

function get(tensors: Bundle['tensors'], name: string): WeightTensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`No tensor ${name}`);
  return tensor;
}
