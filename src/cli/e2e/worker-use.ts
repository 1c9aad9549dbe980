// How busy the workers' engines were between two moments, from what their load lines told. Pure.
import type { WorkerProcess } from './worker-process.ts';

export interface EngineUse {
  readonly engine: string | null;
  /** Since the worker's start, ms. */
  readonly busyMs: number;
  readonly waitedMs: number;
}

export interface WorkerUse {
  readonly engine: string | null;
  /** Share of `waitedMs` that the engine computed; null when no frame waited. */
  readonly busyShare: number | null;
  /** Time in which frames waited for the engine, ms. */
  readonly waitedMs: number;
}

export function engineUses(workers: readonly Pick<WorkerProcess, 'state'>[]): EngineUse[] {
  return workers.map(({ state: { engine, engineUse } }) => ({ engine, ...engineUse }));
}

/** `before` and `after` of the same workers in the same order. */
export function busyShares(before: readonly EngineUse[], after: readonly EngineUse[]) {
  const spans = after.map(({ engine, busyMs, waitedMs }, i) => ({
    engine,
    busyMs: busyMs - (before[i]?.busyMs ?? 0),
    waitedMs: waitedMs - (before[i]?.waitedMs ?? 0),
  }));
  const sum = (of: 'busyMs' | 'waitedMs') => spans.reduce((total, span) => total + span[of], 0);
  return {
    workers: spans.map(
      ({ engine, busyMs, waitedMs }): WorkerUse => ({ engine, busyShare: shareOf(busyMs, waitedMs), waitedMs }),
    ),
    busyShare: shareOf(sum('busyMs'), sum('waitedMs')),
  };
}

function shareOf(busyMs: number, waitedMs: number): number | null {
  return waitedMs <= 0 ? null : Math.min(1, Math.round((busyMs / waitedMs) * 1e4) / 1e4);
}
