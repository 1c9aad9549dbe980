// The networks of the study: a small chain with eight exits at even steps of cost, and sequences of chains (EANN) in both forms.
import { type Network, NetworkSchema } from '../network/config.ts';

const INPUT = { height: 32, width: 32, channels: 3 };
const STEM = [conv(24, 2), conv(32, 2)]; // 8×8×32, 0.61 MMAC
const STEPS = 8;

/** Exits at 1/8 … 8/8 of about 4.7 MMAC, so that a quarter, half and three quarters of the cost are exits 2, 4 and 6. */
export function chainNetwork(): Network {
  return NetworkSchema.parse({ name: 'study-chain', input: INPUT, stages: chain(STEPS) });
}

/** Exits of each network of a sequence. */
export const SEQUENCE: readonly number[] = [2, 4, STEPS];

/**
 * Chains of 2, 4 and 8 steps one after another: costs 1, b, b² with b = 2. `again`: each later one takes the frame and nothing else.
 * `beside`: its first stage also reads the activations of the one before, mixed in by a 1×1 convolution.
 */
export function sequenceNetwork(form: 'again' | 'beside'): Network {
  const stages = SEQUENCE.flatMap((steps, i) => chain(steps, i === 0 ? 'again' : form));
  return NetworkSchema.parse({ name: `study-${form}`, input: INPUT, stages });
}

function chain(steps: number, form: 'again' | 'beside' = 'again'): unknown[] {
  const first =
    form === 'again' ? { takes: 'frame', frame: STEM } : { takes: 'both', frame: STEM, trunk: [conv(32, 1, 1)] };
  return [first, ...Array.from({ length: steps - 1 }, () => ({ takes: 'activations', trunk: [conv(32)] }))];
}

function conv(out: number, stride = 1, kernel = 3) {
  return { kind: 'conv', out, stride, kernel };
}
