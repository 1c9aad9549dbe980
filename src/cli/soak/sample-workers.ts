// Samples of worker processes now and then: resident memory from the system, the rest from what they told last.
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
  now: () => number,
): Sampling {
  const samples: WorkerSample[][] = workers.map(() => []);
  const look = async () => {
    for (const [i, { pid, state }] of workers.entries()) {
      const status = pid === null ? '' : await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      if (state.held !== null) samples[i]?.push({ at: now(), rssBytes: residentBytes(status), held: state.held });
    }
  };
  const timer = setInterval(() => void look(), everyMs);
  return { samples, stop: () => clearInterval(timer) };
}
