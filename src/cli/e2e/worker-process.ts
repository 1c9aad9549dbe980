// One worker as a process of its own, watched through its log lines.
// Life: started ── "started" line ──▶ ready ── stop (SIGTERM) ──▶ drains ──▶ exit 0. Any other exit is a failure, told by `ended`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Held } from '../../core/load.ts';
import { AnytimeError } from '../../errors.ts';

/** What the log told so far. */
export interface WorkerState {
  isReady: boolean;
  /** "tensorflow (native, CPU)" */
  engine: string | null;
  /** Partition keys now assigned. */
  readonly partitions: Set<string>;
  /** Since the start: time in which frames waited for the engine, and how much of it that computed, ms. */
  engineUse: { readonly busyMs: number; readonly waitedMs: number };
  /** What it held when it told its load last; null before. */
  held: Held | null;
  /** Of V8's heap, what was left when all garbage had been collected last; null before, or when it was taken. */
  liveHeapBytes: number | null;
  /** Times that its group was rearranged since it had a partition: one was taken from it, or given to it anew. */
  rebalances: number;
  /** Warnings and worse, as they were logged. */
  readonly troubles: string[];
}

export interface WorkerProcess {
  readonly state: WorkerState;
  readonly pid: number | null;
  /** Rejects when the process ends without having been stopped; resolves when it has drained. */
  readonly ended: Promise<void>;
  /** Ask it to drain; resolves when it is gone, by force after `withinMs`. Idempotent. */
  stop(withinMs: number): Promise<void>;
}

const ANYTIME = join(import.meta.dirname, '..', 'anytime.ts');
const TROUBLES_KEPT = 50;
/** Level of warnings in pino's lines. */
const WARN = 40;

/** `changed` is called after every line that changes the state; `nodeFlags` are node's own. */
export function startWorkerProcess(
  flags: readonly string[],
  changed: () => void,
  nodeFlags: readonly string[] = [],
): WorkerProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', ...nodeFlags, ANYTIME, 'worker', ...flags], {
    // The ipc channel says nothing: the worker drains when it closes, should this process be killed.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true, // Ctrl-C is for us: we stop the workers in order
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const state: WorkerState = {
    isReady: false,
    engine: null,
    partitions: new Set(),
    engineUse: { busyMs: 0, waitedMs: 0 },
    held: null,
    liveHeapBytes: null,
    rebalances: 0,
    troubles: [],
  };
  if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => heard(line, state, changed));
  let isStopping = false;
  const ended = once(child, 'exit').then(([code, signal]) => {
    process.off('exit', kill);
    state.isReady = false;
    if (code === 0 && isStopping) return;
    const last = state.troubles.slice(-5).join('\n');
    throw new AnytimeError('stopped', `Expected the worker to drain and exit with 0, got ${signal ?? code}\n${last}`);
  });
  ended.catch(() => {}); // whoever awaits it sees it
  return {
    state,
    pid: child.pid ?? null,
    ended,
    async stop(withinMs) {
      isStopping = true;
      child.kill('SIGTERM');
      const timer = setTimeout(kill, withinMs);
      await ended.finally(() => clearTimeout(timer));
    },
  };
}

/** Takes a log line in; lines that are no JSON are troubles (a crash writes such). */
export function heard(line: string, state: WorkerState, changed: () => void): void {
  const entry = parsed(line);
  if (entry === null || Number(entry['level'] ?? 0) >= WARN) {
    state.troubles.push(entry === null ? line : String(entry['msg']));
    if (state.troubles.length > TROUBLES_KEPT) state.troubles.shift();
  }
  if (entry === null) return;
  const key = `${entry['topic']}/${entry['partition']}`;
  if (entry['event'] === 'started') {
    state.isReady = true;
    state.engine = String(entry['engine']);
  }
  if (entry['event'] === 'assigned') {
    if (state.partitions.has(key)) state.rebalances += 1;
    state.partitions.add(key);
  }
  if (entry['event'] === 'revoked') {
    state.partitions.delete(key);
    state.rebalances += 1;
  }
  const held = entry['held'];
  if (typeof held === 'object' && held !== null) state.held = held as Held;
  if (entry['event'] === 'collected') state.liveHeapBytes = Number(entry['liveHeapBytes']) || null;
  const use = entry['engineUse'];
  if (typeof use === 'object' && use !== null) state.engineUse = use as WorkerState['engineUse'];
  changed();
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
