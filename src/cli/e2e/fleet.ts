// The workers of an end-to-end run, together.
import { AnytimeError } from '../../errors.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

export interface Fleet {
  /** Rejects as soon as a worker ends without having been stopped. */
  readonly broken: Promise<never>;
  readonly workers: readonly WorkerProcess[];
  /** Resolves when every worker is ready and together they own `partitions` partitions, each at least one where there are enough. */
  ready(partitions: number): Promise<void>;
  /** Drains them all; rejects when one did not. Idempotent. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 30_000;

/** `flagsOf(n)`: the flags of worker n, from 1; `nodeFlags`: of node, for all. */
export function startFleet(
  count: number,
  flagsOf: (n: number) => readonly string[],
  nodeFlags: readonly string[] = [],
): Fleet {
  let changed = () => {};
  const workers = Array.from({ length: count }, (_, i) =>
    startWorkerProcess(flagsOf(i + 1), () => changed(), nodeFlags),
  );
  let stopping: Promise<void> | null = null;
  const broken = new Promise<never>((_, reject) => {
    for (const { ended } of workers) ended.catch(reject);
  });
  broken.catch(() => {});
  return {
    broken,
    workers,
    async ready(partitions) {
      const leastEach = Math.min(1, Math.floor(partitions / count));
      const isReady = () =>
        workers.every(({ state }) => state.isReady && state.partitions.size >= leastEach) &&
        workers.reduce((sum, { state }) => sum + state.partitions.size, 0) === partitions;
      let timer: NodeJS.Timeout | undefined;
      const all = new Promise<void>((resolve, reject) => {
        changed = () => {
          if (isReady()) resolve();
        };
        timer = setTimeout(() => reject(notReady(workers, partitions)), READY_WITHIN_MS);
        changed();
      });
      await Promise.race([all, broken]).finally(() => clearTimeout(timer));
      changed = () => {};
    },
    stop() {
      stopping ??= Promise.all(workers.map((worker) => worker.stop(STOP_WITHIN_MS))).then(() => {});
      return stopping;
    },
  };
}

function notReady(workers: readonly WorkerProcess[], partitions: number): AnytimeError {
  const got = workers.map(({ state }, i) => {
    const trouble = state.troubles.at(-1);
    return `worker ${i + 1} ${state.isReady ? 'ready' : 'not ready'} with ${state.partitions.size}${trouble ? ` (${trouble})` : ''}`;
  });
  const message = `Expected all workers to be ready with ${partitions} partitions within ${READY_WITHIN_MS / 1000} s, got ${got.join(', ')}`;
  return new AnytimeError('stopped', message);
}
