// Shapes: what every unit, stage and weight tensor of a network looks like, from the network alone.
// Convolutions pad as TensorFlow's SAME (output = ceil(size / stride)), max-pools as VALID with stride = window
// (output = floor(size / pool), an odd row or column at the end is dropped).
import { AnytimeError } from '../errors.ts';
import type { Network, Stage, Unit } from './config.ts';
import { tensorName } from './model.ts';

/** height, width, channels of one frame's activations. */
export type Shape = readonly [height: number, width: number, channels: number];

/** One convolution: `at` is its output before any pooling. */
export interface ConvolutionShape {
  readonly kernel: readonly [height: number, width: number, into: number, out: number];
  readonly at: Shape;
}

export interface UnitShape {
  readonly convolutions: readonly ConvolutionShape[];
  readonly output: Shape;
}

export interface StageShape {
  /** One entry per unit of `frame` and `trunk`. */
  readonly frame: readonly UnitShape[];
  readonly trunk: readonly UnitShape[];
  /** What the stage hands on and its exit head reads. */
  readonly output: Shape;
}

/** Kernel size of both convolutions of a residual unit. */
const RESIDUAL_KERNEL = 3;

/**
 * Shapes of every stage of the network, in order.
 * Errors: bad-bundle, naming the stage and unit that cannot be built.
 */
export function stageShapes(network: Network): StageShape[] {
  const { height, width, channels } = network.input;
  let activations: Shape | null = null;
  return network.stages.map((stage, index) => {
    const shape = stageShape(stage, `stage ${index + 1}`, [height, width, channels], activations);
    activations = shape.output;
    return shape;
  });
}

function stageShape(stage: Stage, where: string, input: Shape, activations: Shape | null): StageShape {
  if (stage.takes === 'activations' && stage.frame.length > 0)
    throw bad(where, 'no frame units, because it takes activations only', `${stage.frame.length} of them`);
  if (stage.frame.length + stage.trunk.length === 0) throw bad(where, 'at least one unit', 'none');
  expectWhitenFirst(stage, where);
  const frame = unitShapes(stage.frame, input, `${where}, frame`);
  const fromFrame = frame.at(-1)?.output ?? input;
  const trunkInput = joined(stage.takes, fromFrame, activations, where);
  const trunk = unitShapes(stage.trunk, trunkInput, `${where}, trunk`);
  return { frame, trunk, output: trunk.at(-1)?.output ?? trunkInput };
}

/** Its kernels are those of patches of frames, and nothing flows back through it: before it there is only the frame. */
function expectWhitenFirst({ takes, frame, trunk }: Stage, where: string): void {
  const isOnFrame = takes === 'frame' || frame.length > 0;
  if ([...frame, ...trunk].slice(isOnFrame ? 1 : 0).some(({ kind }) => kind === 'whiten'))
    throw bad(where, 'a whiten unit only as the first on the frame', 'one behind other units or on activations');
}

/** What the trunk reads: the frame branch, the activations, or both one after the other along the channels. */
function joined(takes: Stage['takes'], frame: Shape, activations: Shape | null, where: string): Shape {
  if (takes === 'frame') return frame;
  if (activations === null) throw bad(where, 'it to take the frame', `"${takes}": there are no activations yet`);
  if (takes === 'activations') return activations;
  if (frame[0] !== activations[0] || frame[1] !== activations[1])
    throw bad(where, `frame units that end at ${size(activations)}, the activations' size`, size(frame));
  return [frame[0], frame[1], frame[2] + activations[2]];
}

function unitShapes(units: readonly Unit[], input: Shape, where: string): UnitShape[] {
  let shape = input;
  return units.map((unit, index) => {
    const result = unitShape(unit, shape, `${where} unit ${index}`);
    shape = result.output;
    return result;
  });
}

function unitShape(unit: Unit, input: Shape, where: string): UnitShape {
  const [height, width, into] = input;
  if (unit.kind === 'residual') {
    const convolution: ConvolutionShape = { kernel: [RESIDUAL_KERNEL, RESIDUAL_KERNEL, into, into], at: input };
    return { convolutions: [convolution, convolution], output: input };
  }
  const at: Shape = [Math.ceil(height / unit.stride), Math.ceil(width / unit.stride), unit.out];
  const pool = (unit.kind === 'conv' ? unit.pool : undefined) ?? 1;
  const output: Shape = [Math.floor(at[0] / pool), Math.floor(at[1] / pool), unit.out];
  if (output[0] === 0 || output[1] === 0) throw bad(where, `at least ${pool} × ${pool} to pool`, size(at));
  return { convolutions: [{ kernel: [unit.kernel, unit.kernel, into, unit.out], at }], output };
}

/** Every weight tensor that serving needs (BatchNorm folded), name → shape, in the order of a bundle. */
export function tensorShapes(network: Network, classes: number): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  stageShapes(network).forEach((stage, index) => {
    const s = index + 1;
    for (const branch of ['frame', 'trunk'] as const)
      stage[branch].forEach((unit, u) => {
        unit.convolutions.forEach(({ kernel }, c) => {
          shapes.set(tensorName(s, branch, u, c, 'kernel'), kernel);
          shapes.set(tensorName(s, branch, u, c, 'bias'), [kernel[3]]);
        });
      });
    shapes.set(headName(s, 'kernel'), [stage.output[2], classes]);
    shapes.set(headName(s, 'bias'), [classes]);
  });
  return shapes;
}

/** Name of an exit head's tensor; stages count from 1. */
export function headName(stage: number, part: 'kernel' | 'bias'): string {
  return `stage/${stage}/head/${part}`;
}

/** Number of values in a tensor of this shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function size([height, width]: Shape): string {
  return `${height} × ${width}`;
}

function bad(where: string, expected: string, got: string): AnytimeError {
  return new AnytimeError('bad-bundle', `Network: expected ${where} to have ${expected}, got ${got}`);
}
