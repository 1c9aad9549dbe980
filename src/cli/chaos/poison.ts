// Which frames of a run are poisonous, and how: it follows from the seed. Pure.
import { random } from '../../training/random.ts';

export const POISONS = ['not-an-image', 'bad-header', 'crashes-engine', 'hangs-engine', 'kills-worker'] as const;
export type Poison = (typeof POISONS)[number];

/** Refused at once, so there may be many. */
const CHEAP = ['not-an-image', 'bad-header'] as const satisfies readonly Poison[];

export interface PoisonOptions {
  readonly seed: number;
  readonly frames: number;
  readonly poisons: readonly Poison[];
  /** Of the frames that are refused at once. */
  readonly share: number;
  /** Frames of each kind that takes the engine or the worker down: each does so several times before it is given up. */
  readonly ofEach: number;
}

/** The poison of each poisonous frame, by number. */
export function poisonedFrames({ seed, frames, poisons, share, ofEach }: PoisonOptions): Map<number, Poison> {
  const source = random(seed, 'poison');
  const poisoned = new Map<number, Poison>();
  const cheap = CHEAP.filter((kind) => poisons.includes(kind));
  for (let n = 0; cheap.length > 0 && n < frames; n++) {
    if (source.next() < share) poisoned.set(n, cheap[source.below(cheap.length)] ?? cheap[0] ?? 'not-an-image');
  }
  for (const kind of poisons) {
    if (CHEAP.some((one) => one === kind)) continue;
    // Spread over the run, none at its very end: what they do must be seen to be over.
    for (let i = 0; i < ofEach; i++) poisoned.set(Math.floor(((i + source.next()) / ofEach) * frames * 0.8), kind);
  }
  return poisoned;
}
