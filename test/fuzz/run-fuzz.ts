// Has inputs tried by a child process and accounts for each: accepted, refused, crashed, or hung. A child that died or hung is
// replaced, and goes on behind the input that did it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export interface FuzzDocument {
  readonly seed: number;
  /** Whose images were mutated, beside made ones. */
  readonly images: string;
  readonly inputs: number;
  readonly accepted: number;
  /** Refused as they should be, by error code. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly crashes: number;
  readonly hangs: number;
  readonly maxRssBytes: number;
  /** Inputs that crashed or hung, with what was seen. */
  readonly failures: readonly { readonly index: number; readonly what: string }[];
}

export interface FuzzOptions {
  readonly seed: number;
  readonly from?: number;
  readonly inputs: number;
  /** Folder or tar of images to mutate, beside made ones; default: SHIPPED_IMAGES. */
  readonly images?: string;
  /** An input that takes longer has hung; default: HANG_MS. */
  readonly hangMs?: number;
  readonly childFile?: string;
  readonly progress?: (done: number) => void;
}

interface Told {
  readonly index: number;
  readonly outcome: string;
  readonly maxRssBytes: number;
}

/**
 * Far above the 15 s after which a worker gives a decode up (decodeLimitMs): on a busy machine the largest images take long, and what is
 * looked for here are inputs that never end.
 */
export const HANG_MS = 60_000;

export const SHIPPED_IMAGES = 'models/glyphs/test-frames.tar';

export async function runFuzz(options: FuzzOptions): Promise<FuzzDocument> {
  const { seed, from = 0, inputs, images = SHIPPED_IMAGES, hangMs = HANG_MS, progress } = options;
  const outcomes = new Map<string, number>();
  const failures: { index: number; what: string }[] = [];
  let maxRssBytes = 0;
  let next = from;
  const count = (outcome: string, index: number) => {
    const kind = outcome.startsWith('crash') ? 'crash' : outcome;
    outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
    if (kind === 'crash' || kind === 'hang') failures.push({ index, what: outcome });
    next = index + 1;
    progress?.(next - from);
  };
  while (next < from + inputs) {
    const child = startChild(options.childFile ?? 'test/fuzz/child.ts', [seed, next, from + inputs, images]);
    const how = await listen(child, hangMs, ({ index, outcome, maxRssBytes: rss }) => {
      maxRssBytes = Math.max(maxRssBytes, rss);
      count(outcome, index);
    });
    if (how === 'hang') count('hang', next);
    else if (next < from + inputs) count(`crash: the process ended with ${how}`, next);
  }
  const { accepted = 0, crash: crashes = 0, hang: hangs = 0, ...rejected } = Object.fromEntries(outcomes);
  return { seed, images, inputs, accepted, rejected, crashes, hangs, maxRssBytes, failures };
}

function startChild(file: string, args: readonly (number | string)[]): ChildProcess {
  return fork(file, args.map(String), { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

/** Resolves with "hang", or with how the child ended. */
async function listen(child: ChildProcess, hangMs: number, told: (one: Told) => void): Promise<string> {
  let isHung = false;
  const kill = () => {
    isHung = true;
    child.kill('SIGKILL');
  };
  let watchdog: NodeJS.Timeout | undefined; // a busy machine may take its time to start it
  child.on('message', (message) => {
    clearTimeout(watchdog);
    watchdog = setTimeout(kill, hangMs);
    if (message !== 'ready') told(message as Told);
  });
  const [code, signal] = await once(child, 'close');
  clearTimeout(watchdog);
  return isHung ? 'hang' : String(signal ?? code);
}
