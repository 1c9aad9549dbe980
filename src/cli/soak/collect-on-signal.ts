// Loaded into the workers of a soak that is to tell garbage from growth (`--collect-every-minutes`): on SIGUSR2 the heaps of the main thread
// and of the threads it started are collected whole, and what is left of all is told as a log line. Needs node's `--expose-gc`.
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { getHeapStatistics } from 'node:v8';
import { BroadcastChannel, isMainThread, type WorkerOptions } from 'node:worker_threads';

const { gc } = globalThis as { readonly gc?: () => void };

/** A thread that has not told by then what is left of its heap is not waited for, and the total is not known. */
const TOLD_WITHIN_MS = 20_000;

interface Told {
  readonly round: number;
  readonly liveBytes: number;
}

const channel = new BroadcastChannel('anytime-stream/collect');
channel.unref();

function liveBytes(): number {
  gc?.();
  return getHeapStatistics().used_heap_size;
}

function inMainThread(): void {
  const threads = loadIntoThreads();
  let round = 0;
  let total = 0;
  let missing = 0;
  let timer: NodeJS.Timeout | undefined;
  const tell = () => {
    clearTimeout(timer);
    const liveHeapBytes = gc === undefined || missing > 0 ? null : total;
    console.error(JSON.stringify({ level: 30, event: 'collected', liveHeapBytes }));
  };
  channel.onmessage = ({ data }: { readonly data: unknown }) => {
    const told = data as Told;
    if (told.round !== round || missing === 0) return;
    total += told.liveBytes;
    missing -= 1;
    if (missing === 0) tell();
  };
  process.on('SIGUSR2', () => {
    clearTimeout(timer);
    round += 1;
    missing = threads.living();
    total = liveBytes();
    if (missing === 0) return tell();
    timer = setTimeout(tell, TOLD_WITHIN_MS).unref();
    channel.postMessage(round);
  });
}

/** Threads have node flags of their own, which say nothing of this file. */
function loadIntoThreads(): { readonly living: () => number } {
  const threads = createRequire(import.meta.url)('node:worker_threads') as typeof import('node:worker_threads');
  let living = 0;
  threads.Worker = class extends threads.Worker {
    constructor(file: string | URL, options: WorkerOptions = {}) {
      const { execArgv = [] } = options;
      super(file, { ...options, execArgv: [...execArgv, '--import', import.meta.url] });
      living += 1;
      this.once('exit', () => {
        living -= 1;
      });
    }
  };
  syncBuiltinESMExports();
  return { living: () => living };
}

function inThread(): void {
  channel.onmessage = ({ data }: { readonly data: unknown }) => {
    if (typeof data === 'number') channel.postMessage({ round: data, liveBytes: liveBytes() } satisfies Told);
  };
}

if (isMainThread) inMainThread();
else inThread();
