// Samples of worker processes now and then: resident memory from the system, the rest from what they told last. They may be asked to collect
// garbage on the way.
import { readFile } from 'node:fs/promises';
import { residentBytes } from '../chaos/resident-memory.ts';
import type { WorkerProcess } from '../e2e/worker-process.ts';
import type { WorkerSample } from './verdict.ts';

export interface Sampling {
  /** Of each worker, in order of time. */
  readonly samples: readonly (readonly WorkerSample[])[];
  stop(): void;
}

export function sampleWorkers(
  workers: readonly Pick<WorkerProcess, 'pid' | 'state'>[],
  everyMs: number,
  collectEveryMs: number | null,
  now: () => number,
): Sampling {
  const samples: WorkerSample[][] = workers.map(() => []);
  const look = async () => {
    for (const [i, { pid, state }] of workers.entries()) {
      const status = pid === null ? '' : await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const { held, liveHeapBytes } = state;
      if (held === null) continue;
      samples[i]?.push({ at: now(), rssBytes: residentBytes(status), liveHeapBytes, held });
      state.liveHeapBytes = null; // each collection is one sample
    }
  };
  const collect = () => {
    for (const { pid, state } of workers) if (pid !== null && state.isReady) process.kill(pid, 'SIGUSR2'); // collect-on-signal.ts
  };
  const timers = [
    setInterval(() => void look(), everyMs),
    ...(collectEveryMs === null ? [] : [setInterval(collect, collectEveryMs)]),
  ];
  return { samples, stop: () => timers.forEach(clearInterval) };
}
