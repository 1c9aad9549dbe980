// Loaded into the workers of a soak that is to tell garbage from growth (`--collect-every-minutes`): on SIGUSR2 the heaps of the main thread
// and of the threads it started are collected whole, and what is left of all is told as a log line. Needs node's `--expose-gc`.
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { getHeapStatistics } from 'node:v8';
import { BroadcastChannel, isMainThread, type WorkerOptions } from 'node:worker_threads';

const { gc } = globalThis as { readonly gc?: () => void };

/** Threads have told what is left of theirs by then. */
const TOLD_WITHIN_MS = 1000;

const channel = new BroadcastChannel('anytime-stream/collect');
channel.unref();

function liveBytes(): number {
  gc?.();
  return getHeapStatistics().used_heap_size;
}

function inMainThread(): void {
  loadIntoThreads();
  let total = 0;
  channel.onmessage = ({ data }: { readonly data: unknown }) => {
    if (typeof data === 'number') total += data;
  };
  process.on('SIGUSR2', () => {
    total = liveBytes();
    channel.postMessage('collect');
    const tell = () => {
      const liveHeapBytes = gc === undefined ? null : total;
      console.error(JSON.stringify({ level: 30, event: 'collected', liveHeapBytes }));
    };
    setTimeout(tell, TOLD_WITHIN_MS).unref();
  });
}

/** Threads have node flags of their own, which say nothing of this file. */
function loadIntoThreads(): void {
  const threads = createRequire(import.meta.url)('node:worker_threads') as typeof import('node:worker_threads');
  threads.Worker = class extends threads.Worker {
    constructor(file: string | URL, options: WorkerOptions = {}) {
      const { execArgv = [] } = options;
      super(file, { ...options, execArgv: [...execArgv, '--import', import.meta.url] });
    }
  };
  syncBuiltinESMExports();
}

function inThread(): void {
  channel.onmessage = ({ data }: { readonly data: unknown }) => {
    if (data === 'collect') channel.postMessage(liveBytes());
  };
}

if (isMainThread) inMainThread();
else inThread();
