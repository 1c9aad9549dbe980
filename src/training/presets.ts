// Networks by name. Each follows from one dial, its width: the channels of its first convolution.
import { type Network, NetworkSchema } from '../network/config.ts';

export const PRESETS = ['cifar10', 'cifar10-eann', 'glyphs', 'tiny'] as const;
export type Preset = (typeof PRESETS)[number];

/** Channels of the first convolution where nothing else is said. */
export const DEFAULT_WIDTH: Readonly<Record<Preset, number>> = { cifar10: 32, 'cifar10-eann': 32, glyphs: 16, tiny: 4 };

/** Width must be a positive multiple of 4; multiples of 16 run best. */
export function presetNetwork(preset: Preset, width: number = DEFAULT_WIDTH[preset]): Network {
  const stages = { cifar10: deep, 'cifar10-eann': sequence, glyphs: deep, tiny }[preset](width);
  return NetworkSchema.parse({ name: `${preset}-w${width}`, input: { height: 32, width: 32, channels: 3 }, stages });
}

/**
 * Stage 1 is a small complete network that is quickly down to 8×8, a thirteenth of the cost. Stage 2 looks at the frame again, closer, through
 * lossless whitened 4×4 patches and three convolutions, strided instead of pooled (max-pool's backward kernel is slow), and joins what it
 * sees with what stage 1 knows. Each later stage costs about as much as the one before. Width 32: 9.1 MMAC to the first exit, 125 in all.
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

/**
 * Three networks of cost 1, 2 and 4 one after another (EANN). Each looks at the frame again through a stem of its own, and the later two
 * take what the network before them knew beside it, mixed in by a 1×1 convolution. Width 32: 9.1, 17 and 32 MMAC; exits at 9.1, 19.0, 26.3, 43.6
 * and 58.3.
 */
function sequence(w: number): unknown[] {
  const stem = [conv(w, { stride: 2 }), conv((5 * w) / 2, { stride: 2 })]; // 8×8×2.5w
  const mixed = { takes: 'both', frame: stem };
  const mix = conv((5 * w) / 2, { kernel: 1 });
  return [
    { takes: 'frame', frame: [...stem, residual] }, // network 1
    { ...mixed, trunk: [mix, residual] }, // network 2
    { takes: 'activations', trunk: [residual] },
    { ...mixed, trunk: [mix, residual, conv(5 * w, { pool: 2 })] }, // network 3, 4×4×5w
    { takes: 'activations', trunk: [residual, residual] },
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

function conv(out: number, more: { stride?: number; pool?: number; kernel?: number } = {}) {
  return { kind: 'conv', out, ...more };
}
