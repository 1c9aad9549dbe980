// Networks by name. Each follows from one dial, its width: the channels of its first convolution.
import { type Network, NetworkSchema } from '../network/config.ts';

export const PRESETS = ['cifar10', 'glyphs', 'tiny'] as const;
export type Preset = (typeof PRESETS)[number];

const DEFAULT_WIDTH: Readonly<Record<Preset, number>> = { cifar10: 32, glyphs: 16, tiny: 4 };

/** Width must be a positive multiple of 4; multiples of 16 run best. */
export function presetNetwork(preset: Preset, width: number = DEFAULT_WIDTH[preset]): Network {
  const stages = { cifar10: deep, glyphs: refining, tiny }[preset](width);
  return NetworkSchema.parse({ name: `${preset}-w${width}`, input: { height: 32, width: 32, channels: 3 }, stages });
}

/**
 * Stage 1 is a small complete network that is quickly down to 8×8. Stage 2 looks at the frame again, closer, through lossless whitened 4×4
 * patches, and joins what it sees with what stage 1 knows. The later stages refine that. Width 32: 6.1 MMAC to the first exit, 52.7 in all.
 */
function refining(w: number): unknown[] {
  return [
    { takes: 'frame', frame: [conv(w, { stride: 2 }), conv(2 * w, { stride: 2 }), residual] }, // 8×8×2w
    {
      takes: 'both',
      frame: [{ kind: 'whiten', out: 48, kernel: 4, stride: 2 }, conv(2 * w, { pool: 2 })],
      trunk: [conv(3 * w)],
    }, // 8×8×3w
    { takes: 'activations', trunk: [residual] }, // 8×8×3w
    { takes: 'activations', trunk: [conv(6 * w, { pool: 2 })] }, // 4×4×6w
    { takes: 'activations', trunk: [residual] }, // 4×4×6w
  ];
}

/**
 * The same idea with more of everything behind a first exit at a thirteenth of the cost: the second look is three convolutions deep and
 * strided instead of pooled (max-pool's backward kernel is slow), and each later stage costs about as much as the one before.
 * Width 32: 9.1 MMAC to the first exit, 125 in all.
 */
function deep(w: number): unknown[] {
  return [
    { takes: 'frame', frame: [conv(w, { stride: 2 }), conv((5 * w) / 2, { stride: 2 }), residual] }, // 8×8×2.5w
    {
      takes: 'both',
      frame: [{ kind: 'whiten', out: 48, kernel: 4, stride: 2 }, conv(2 * w), conv(3 * w, { stride: 2 })],
      trunk: [conv(5 * w)],
    }, // 8×8×5w
    { takes: 'activations', trunk: [residual] }, // 8×8×5w
    { takes: 'activations', trunk: [conv(10 * w, { pool: 2 })] }, // 4×4×10w
    { takes: 'activations', trunk: [residual] }, // 4×4×10w
  ];
}

/** For tests: every kind of unit and of stage, in a few thousand MACs. */
function tiny(w: number): unknown[] {
  return [
    { takes: 'frame', frame: [conv(w, { stride: 4 })] }, // 8×8×w
    {
      takes: 'both',
      frame: [{ kind: 'whiten', out: 12, kernel: 4, stride: 2 }, conv(w, { pool: 2 })],
      trunk: [conv(w)],
    }, // 8×8×w
    { takes: 'activations', trunk: [conv(2 * w, { pool: 2 }), residual] }, // 4×4×2w
  ];
}

const residual = { kind: 'residual' };

function conv(out: number, more: { stride?: number; pool?: number } = {}) {
  return { kind: 'conv', out, ...more };
}
