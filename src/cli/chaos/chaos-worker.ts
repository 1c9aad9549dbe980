// One worker process of a chaos run: it may end in any way at any moment, and may be started anew under another name.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A line of the worker's log; `event` and `msg` as the worker writes them. */
export type LogLine = Readonly<Record<string, unknown>>;

export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  /** What it said last, for people. */
  readonly lastLines: readonly string[];
  /** It had said that it is ready: only then it can drain. */
  readonly wasReady: boolean;
}

export interface ChaosWorker {
  readonly name: string;
  readonly pid: number;
  readonly isReady: boolean;
  readonly hasEnded: boolean;
  readonly ended: Promise<Ending>;
  kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Ends the engine's thread in mid-work. */
  crashEngine(): void;
  /** One that was held starts to work. */
  go(): void;
}

export interface ChaosWorkerOptions {
  readonly name: string;
  /** Of `anytime worker`. */
  readonly flags: readonly string[];
  /** Load the program, then wait for `go`. */
  readonly isHeld: boolean;
  /** How long the slow frame takes to decode, ms. */
  readonly slowDecodeMs: number;
  readonly heard: (name: string, line: LogLine) => void;
  /** Keep each worker's whole log here, as NAME.log; null = keep none. */
  readonly logFolder: string | null;
}

const FAULTY_WORKER = join(import.meta.dirname, 'faulty-worker.ts');
const LINES_KEPT = 12;

/** None outlives this program, however it ends (a kill apart: then the closed channel tells them to drain). */
const living = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

export function startChaosWorker({
  name,
  flags,
  slowDecodeMs,
  heard,
  logFolder,
  isHeld,
}: ChaosWorkerOptions): ChaosWorker {
  const args = [FAULTY_WORKER, String(slowDecodeMs), isHeld ? 'hold' : 'go', 'worker', '--worker-id', name, ...flags];
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true, // Ctrl-C is for us: we end the workers
  });
  living.add(child);
  if (logFolder !== null) child.stderr?.pipe(createWriteStream(join(logFolder, `${name}.log`)));
  const lastLines: string[] = [];
  let isReady = false;
  let hasEnded = false;
  if (child.stderr)
    createInterface({ input: child.stderr }).on('line', (text) => {
      const line = parsed(text);
      const isStack = line === null && (text.trim() === '' || /^\s+at /.test(text));
      if (!isStack) lastLines.push(line === null ? text : `${line['event'] ?? ''}: ${line['msg'] ?? ''}`);
      if (lastLines.length > LINES_KEPT) lastLines.shift();
      if (line?.['event'] === 'started') isReady = true;
      heard(name, line ?? { event: 'text', msg: text });
    });
  child.on('error', () => {}); // its end tells
  const ended = once(child, 'exit').then(([code, signal]): Ending => {
    living.delete(child);
    hasEnded = true;
    return { code: code as number | null, signal: signal as string | null, lastLines, wasReady: isReady };
  });
  return {
    name,
    pid: child.pid ?? -1,
    ended,
    kill: (signal) => void child.kill(signal),
    crashEngine: () => void (child.connected && child.send('crash-engine')),
    go: () => void (child.connected && child.send('go')),
    get isReady() {
      return isReady && !hasEnded;
    },
    get hasEnded() {
      return hasEnded;
    },
  };
}

function parsed(text: string): LogLine | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as LogLine) : null;
  } catch {
    return null;
  }
}
