// Mandatory first, then best gain per millisecond (design section 5): pure functions of (ready queue, now, latency model,
// depth limit). They never wait while something can run: an idle engine gains nothing.
import type { Frame } from './frame.ts';
import type { LatencyModel } from './latency-model.ts';
import { dueOf, type ReadyQueue } from './ready-queue.ts';
import type { StageTable } from './stage-table.ts';

export interface ScheduleSettings {
  /** Largest stage batch, frames. */
  readonly maxBatch: number;
  /** Longest run that refinement may put in the way of a frame that comes meanwhile, ms. */
  readonly maxRunMs: number;
}

/** The stage batch to run next: the first `batch` frames of `stage` in the ready queue. */
export interface StageBatch {
  readonly stage: number;
  readonly batch: number;
}

/**
 * What to run now; null when nothing waits. `publishMs` is what recording and publishing an answer takes (95th percentile):
 * an answer must be out, not only computed, before its deadline.
 */
export function schedule(
  queue: ReadyQueue,
  now: number,
  latency: LatencyModel,
  table: StageTable,
  settings: ScheduleSettings,
  publishMs: number,
): StageBatch | null {
  const mandatory = queue.waiting(1);
  const first = mandatory[0];
  const largest = latency.largestBatch(1, settings.maxRunMs, settings.maxBatch);
  const hold = latency.hold(largest);
  const due = first === undefined ? Number.POSITIVE_INFINITY : dueOf(first);
  const untilDue = due - now - latency.marginMs(1) - publishMs;
  // b1: what fits one batch without making its most urgent frame late, but never less than `hold` (small batches under
  // pressure would cost throughput just when it is short).
  const b1 = Math.min(mandatory.length, Math.max(hold, latency.largestBatch(1, untilDue, largest)));
  if (b1 >= hold) return { stage: 1, batch: b1 };
  if (b1 === 0) return bestRefinement(queue, latency, table, settings.maxRunMs, settings.maxBatch, 1);
  const slack = untilDue - latency.predict(1, b1);
  const withinMs = Math.min(slack, settings.maxRunMs);
  return bestRefinement(queue, latency, table, withinMs, settings.maxBatch, 0) ?? { stage: 1, batch: b1 };
}

/** The stage batch with the most Σ weight·gain per millisecond among those that end within `withinMs` or have `atLeast` frames. */
function bestRefinement(
  queue: ReadyQueue,
  latency: LatencyModel,
  table: StageTable,
  withinMs: number,
  maxBatch: number,
  atLeast: 0 | 1,
): StageBatch | null {
  let best: StageBatch | null = null;
  let bestRate = -1;
  for (let stage = 2; stage <= table.stages; stage++) {
    const waiting = queue.waiting(stage);
    const most = Math.min(waiting.length, latency.largestBatch(stage, withinMs, maxBatch));
    let gain = 0;
    for (let batch = 1; batch <= most; batch++) {
      gain += queue.valueOf(waiting[batch - 1] as Frame);
      const ms = latency.predict(stage, batch);
      if (batch > atLeast && ms > withinMs + 1e-6) break;
      const rate = gain / ms;
      if (rate > bestRate) {
        bestRate = rate;
        best = { stage, batch };
      }
    }
  }
  return best;
}

/**
 * Frames for which no more can be done in time, to be ended now: mandatory ones that cannot make stage 1 (`expired`), and
 * refinable ones that cannot make their next stage or whose next stage is beyond the depth limit (they keep their answer).
 */
export function overdue(
  queue: ReadyQueue,
  now: number,
  latency: LatencyModel,
  table: StageTable,
  depthLimit: number | null,
  publishMs: number,
): { readonly expired: Frame[]; readonly late: Frame[]; readonly beyondLimit: Frame[] } {
  const waiting = queue.waiting(1).length;
  const hold = Math.min(Math.max(1, waiting), latency.hold(Number.MAX_SAFE_INTEGER));
  const neededMs = Array.from({ length: table.stages }, (_, i) => {
    const stage = i + 1;
    return latency.predict(stage, stage === 1 ? hold : 1) + latency.marginMs(stage) + publishMs;
  });
  const cannotMake = ({ spec, stage }: Frame) => spec.deadline !== null && now + (neededMs[stage] ?? 0) > spec.deadline;
  const gone = queue.remove(cannotMake);
  const beyondLimit =
    depthLimit === null ? [] : queue.remove((frame) => frame.stage > 0 && frame.stage >= Math.max(1, depthLimit));
  return {
    expired: gone.filter((frame) => frame.answer === null),
    late: gone.filter((frame) => frame.answer !== null),
    beyondLimit,
  };
}

/** When, at the latest, `overdue` must be asked again: the earliest time at which a waiting frame can be too late; null = never. */
export function nextDue(queue: ReadyQueue, table: StageTable): number | null {
  let earliest = queue.waiting(1)[0]?.spec.deadline ?? null;
  for (let stage = 2; stage <= table.stages; stage++) {
    for (const { spec } of queue.waiting(stage)) {
      if (spec.deadline !== null && (earliest === null || spec.deadline < earliest)) earliest = spec.deadline;
    }
  }
  return earliest;
}
