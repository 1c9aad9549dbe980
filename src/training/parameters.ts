// The parameters of a network in training: their names, what part each plays, and their first values.
import { AnytimeError } from '../errors.ts';
import type { StoredTensor } from '../network/checkpoint.ts';
import type { Network, Unit } from '../network/config.ts';
import { tensorName } from '../network/model.ts';
import { headName, stageShapes } from '../network/shapes.ts';
import type { Random } from './random.ts';

/**
 * kernel, head: trained. beta: BatchNorm's offset, trained at a higher rate. statistic: BatchNorm's mean and variance for serving, a running
 * average. frozen: never changes.
 */
export type Role = 'kernel' | 'head' | 'beta' | 'statistic' | 'frozen';

export function isTrained(role: Role): boolean {
  return role === 'kernel' || role === 'beta' || role === 'head';
}

export interface Parameter {
  readonly name: string;
  readonly role: Role;
  readonly shape: readonly number[];
  /** First values, row by row. */
  readonly values: Float32Array;
}

/** The stage that a parameter of this name belongs to, from 1. */
export function stageOf(name: string): number {
  return Number(/^(?:average\/)?stage\/(\d+)\//.exec(name)?.[1]);
}

/** The values stored under `name` for this parameter. Errors: bad-argument when `where` ("the run in …") has them in another shape, or not. */
export function valuesFor(
  parameter: Parameter,
  name: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  where: string,
): Float32Array {
  const stored = tensors.get(name);
  if (stored?.shape.join() !== parameter.shape.join()) {
    throw new AnytimeError(
      'bad-argument',
      `Expected ${where} to be of this network: ${parameter.name} has the shape ${parameter.shape.join('×')}, there ${stored?.shape.join('×') ?? 'it is missing'}`,
    );
  }
  return stored.data;
}

/**
 * All parameters with their first values. `whitening(kernel, out)` makes the frozen kernels [k·k·3, out] from training patches.
 * Convolutions of `conv` units begin as He-normal noise whose first channels pass their input on (Dirac, arXiv 2404.00498).
 */
export function initialParameters(
  network: Network,
  classes: number,
  source: Random,
  whitening: (kernel: number, out: number) => Float32Array,
): Parameter[] {
  const parameters: Parameter[] = [];
  const add = (name: string, role: Role, shape: readonly number[], values: Float32Array) => {
    parameters.push({ name, role, shape, values });
  };
  stageShapes(network).forEach((shapes, index) => {
    const stage = network.stages[index] as Network['stages'][number];
    for (const branch of ['frame', 'trunk'] as const) {
      shapes[branch].forEach((unitShape, u) => {
        const unit = stage[branch][u] as Unit;
        unitShape.convolutions.forEach(({ kernel: shape }, c) => {
          const name = (part: string) => tensorName(index + 1, branch, u, c, part);
          const [k, , into, out] = shape;
          if (unit.kind === 'whiten') {
            add(name('kernel'), 'frozen', shape, whitening(k, out));
            add(name('bias'), 'frozen', [out], new Float32Array(out));
            return;
          }
          const values = normalValues(k * k * into * out, Math.sqrt(2 / (k * k * into)), source);
          if (unit.kind === 'conv' && into > 3) setDirac(values, k, into, out);
          add(name('kernel'), 'kernel', shape, values);
          add(name('beta'), 'beta', [out], new Float32Array(out));
          add(name('mean'), 'statistic', [out], new Float32Array(out));
          add(name('variance'), 'statistic', [out], new Float32Array(out).fill(1));
        });
      });
    }
    const channels = shapes.output[2];
    add(
      headName(index + 1, 'kernel'),
      'head',
      [channels, classes],
      normalValues(channels * classes, 1 / Math.sqrt(channels), source),
    );
    add(headName(index + 1, 'bias'), 'head', [classes], new Float32Array(classes));
  });
  return parameters;
}

function normalValues(count: number, deviation: number, source: Random): Float32Array {
  return Float32Array.from({ length: count }, () => source.normal() * deviation);
}

/** Output channel i takes input channel i as it is, for as many as there are of both. */
function setDirac(values: Float32Array, k: number, into: number, out: number): void {
  const centre = (k - 1) >> 1;
  for (let o = 0; o < Math.min(into, out); o++) {
    for (let y = 0; y < k; y++)
      for (let x = 0; x < k; x++)
        for (let i = 0; i < into; i++)
          values[((y * k + x) * into + i) * out + o] = y === centre && x === centre && i === o ? 1 : 0;
  }
}
