// Frames of a data set in memory, to be sent again and again in a seeded order.
import { plainText } from '../core/plain-text.ts';
import { AnytimeError } from '../errors.ts';
import { byName, classOf } from '../training/data-set/frame.ts';
import { openDataSet } from '../training/data-set/open-data-set.ts';
import { random, shuffled } from '../training/random.ts';

export interface PooledFrame {
  /** Unique in the pool. */
  readonly id: string;
  readonly label: string | null;
  readonly bytes: Uint8Array;
}

export interface FramePool {
  readonly frames: readonly PooledFrame[];
  /** Labels met that are no class of the model; their frames count as unlabelled. */
  readonly strangeLabels: readonly string[];
  /** The n-th frame to send, from 0: each round goes through all of them in an order of its own; ids are unique over all rounds. */
  at(n: number): PooledFrame;
}

/** More are left out: a pool lives in memory. */
const MOST_FRAMES = 50_000;
const MOST_BYTES = 512 * 1024 ** 2;

export interface PoolOptions {
  readonly paths: readonly string[];
  /** The model's classes: labels are names of them, or (WebDataset's .cls) their numbers; whatever else is no label. */
  readonly classes: readonly string[];
  readonly seed: number;
  /** Read no more. */
  readonly limit?: number;
  readonly onProgress?: (done: number, of: number | null) => void;
}

/** Errors: bad-data-set. */
export async function readFramePool({
  paths,
  classes,
  seed,
  limit = MOST_FRAMES,
  onProgress = () => {},
}: PoolOptions): Promise<FramePool> {
  const frames: PooledFrame[] = [];
  const strange = new Set<string>();
  let bytes = 0;
  for (const [number, path] of paths.entries()) {
    // several sets may use the same names inside
    const prefix = paths.length > 1 ? `${number + 1}:` : '';
    const set = await openDataSet(path);
    for await (const frame of set.frames()) {
      if (frames.length >= Math.min(limit, MOST_FRAMES) || bytes >= MOST_BYTES) break;
      const label = classes[classOf(frame, classes) ?? -1] ?? null;
      if (label === null && frame.label !== null) strange.add(frame.label);
      frames.push({ id: prefix + frame.id, label, bytes: frame.bytes });
      bytes += frame.bytes.length;
      onProgress(frames.length, set.count === null ? null : Math.min(limit, set.count));
    }
  }
  if (frames.length === 0) throw new AnytimeError('bad-data-set', `Expected frames in ${paths.join(', ')}, got none`);
  return framePool(frames, seed, [...strange].sort(byName));
}

/** Why frames that have labels cannot be scored, for people; null where some can, or where none has a label. */
export function whyNotScored(classes: readonly string[], { frames, strangeLabels }: FramePool): string | null {
  if (strangeLabels.length === 0 || frames.some(({ label }) => label !== null)) return null;
  const list = (names: readonly string[]) =>
    names.slice(0, MOST_NAMED).map(plainText).join(', ') + (names.length > MOST_NAMED ? ' …' : '');
  return `Expected frames of the classes ${list(classes)}, got ${list(strangeLabels)}; accuracy is not shown`;
}

const MOST_NAMED = 4;

export function framePool(
  frames: readonly PooledFrame[],
  seed: number,
  strangeLabels: readonly string[] = [],
): FramePool {
  let round = -1;
  let order: Int32Array = new Int32Array();
  return {
    frames,
    strangeLabels,
    at(n) {
      const wanted = Math.floor(n / frames.length);
      if (wanted !== round) order = shuffled(frames.length, random(seed, 'order', wanted));
      round = wanted;
      const frame = frames[order[n % frames.length] ?? 0] as PooledFrame;
      return wanted === 0 ? frame : { ...frame, id: `${frame.id}#${wanted + 1}` };
    },
  };
}
