// Mandatory first, then best gain per millisecond: pure functions of a situation (ready queue, now, latency model, what waits to be
// decoded); which frames are over the depth limit too.
import type { Frame } from './frame.ts';
import type { LatencyModel } from './latency-model.ts';
import { mandatoryBatch } from './mandatory-batch.ts';
import { dueOf, FIRST_ANSWER_MS, type ReadyQueue } from './ready-queue.ts';
import type { StageTable } from './stage-table.ts';

export interface ScheduleSettings {
  /** Largest stage batch, frames. */
  readonly maxBatch: number;
  /** Longest run that refinement may put in the way of a frame that comes meanwhile, ms. */
  readonly maxRunMs: number;
}

/** Frames whose bytes are not decoded yet: mandatory ones that the ready queue does not show. */
export interface Undecoded {
  readonly frames: number;
  /** Epoch ms; null when none has a deadline. */
  readonly earliestDeadline: number | null;
  /** Of them, those that wait for a decoder, whatever their deadline; and whether one of these has none. */
  readonly queued: number;
  readonly hasPatient: boolean;
  /** What decoding takes per frame as things are, ms. */
  readonly msPerFrame: number;
}

/** What a decision is taken on. */
export interface Situation {
  readonly queue: ReadyQueue;
  /** Epoch ms. */
  readonly now: number;
  readonly latency: LatencyModel;
  readonly table: StageTable;
  readonly settings: ScheduleSettings;
  /** What recording and publishing an answer takes (95th percentile), ms: an answer must be out, not only computed, in time. */
  readonly publishMs: number;
  readonly undecoded: Undecoded;
  /** More frames may wait for refinement without making the source wait (credits.ts). */
  readonly hasRoom: boolean;
}

/** The stage batch to run next: these frames of the ready queue, all waiting for `stage`. */
export interface StageBatch {
  readonly stage: number;
  readonly frames: readonly Frame[];
}

/** Refinement gives way once decoding what waits would take this share of the time that is left for it. */
const DECODE_SHARE = 0.25;

/** What to run now; null when nothing waits, or when decoding needs the machine more than refinement does. */
export function schedule(situation: Situation): StageBatch | null {
  const { queue, now, latency, settings, publishMs } = situation;
  const largest = latency.largestBatch(1, longestFirstMs(situation), settings.maxBatch);
  const hold = latency.hold(largest);
  const marginMs = latency.marginMs(1) + publishMs;
  const neededMs = latency.neededMs(1, now) + publishMs;
  const frames = mandatoryBatch({ waiting: queue.waiting(1), now, latency, hold, largest, marginMs, neededMs });
  const first = frames[0];
  const mustDecode = isDecodingShort(situation);
  if (first === undefined) return mustDecode ? null : bestRefinement(situation, settings.maxRunMs, 1);
  if (frames.length >= hold || mustDecode || hasWaited(frames, situation)) return { stage: 1, frames };
  const slackMs = dueOf(first) - now - latency.predict(1, frames.length) - marginMs;
  return bestRefinement(situation, Math.min(slackMs, settings.maxRunMs), 0) ?? { stage: 1, frames };
}

/** Of a stage-1 run: what refinement may take, or so much that its fixed part is no more than a quarter of it, ms. */
function longestFirstMs({ latency, settings }: Situation): number {
  return Math.max(settings.maxRunMs, 4 * latency.line(1).fixedMs);
}

/** Whether the batch is run only because the prediction is doubted: by that, none of its frames would be in time. */
export function isTry({ stage, frames }: StageBatch, now: number, latency: LatencyModel, publishMs: number): boolean {
  const expectedMs = latency.predict(stage, 1) + latency.marginMs(stage) + publishMs;
  return frames.every(({ spec }) => spec.deadline !== null && now + expectedMs > spec.deadline);
}

/**
 * A larger batch saves the fixed cost of a run: no frame waits longer for one than that cost, so that waiting at most doubles what
 * the batch was to save (rent or buy), and a coarse answer comes at once where there is time for it.
 */
function hasWaited(frames: readonly Frame[], { now, latency }: Situation): boolean {
  const { fixedMs } = latency.line(1);
  return frames.some(({ readyAt }) => readyAt !== null && now - readyAt >= fixedMs);
}

/** Decoding shares the processor with an engine on the CPU: then refining frames makes the undecoded ones late. */
function isDecodingShort(situation: Situation): boolean {
  const { now, latency, publishMs, undecoded } = situation;
  const { frames, earliestDeadline, msPerFrame } = undecoded;
  if (isShortForPatient(situation)) return true;
  if (frames === 0 || earliestDeadline === null) return false;
  const leftMs = earliestDeadline - now - latency.predict(1, 1) - publishMs;
  return frames * msPerFrame > DECODE_SHARE * Math.max(0, leftMs);
}

/**
 * Frames without a deadline are to have their first answer in a while all the same: those that queue for a decoder. That is for bursts, as after a
 * worker's death: under lasting load the frames that wait for refinement would fill the worker until the source has to wait, and none is to starve.
 */
function isShortForPatient(situation: Situation): boolean {
  const { queued, hasPatient, msPerFrame } = situation.undecoded;
  const isQueueLong = hasPatient && queued * msPerFrame > DECODE_SHARE * FIRST_ANSWER_MS;
  return isQueueLong && situation.hasRoom && oldest(situation) === null;
}

/**
 * A frame that waits for refinement goes before better ones when the worker has had it for so long: without a deadline it would wait, and hold
 * its offset, for ever.
 */
const OLD_MS = 10_000;

/** Of the frames that wait for refinement the one that came first, once that is too long ago. */
function oldest({ queue, now, table }: Situation): Frame | null {
  let found: Frame | null = null;
  let longestMs = OLD_MS;
  for (let stage = 2; stage <= table.stages; stage++) {
    for (const frame of queue.waiting(stage)) {
      const waitedMs = Math.abs(now - frame.receivedAt); // one that is still to come: the clock was set back
      if (waitedMs > longestMs) [found, longestMs] = [frame, waitedMs];
    }
  }
  return found;
}

/** The stage batch with the most Σ weight·gain per millisecond among those that end within `withinMs` or have `atLeast` frames. */
function bestRefinement(situation: Situation, withinMs: number, atLeast: 0 | 1): StageBatch | null {
  const { queue, latency, table, settings } = situation;
  const old = oldest(situation);
  if (old !== null && (atLeast === 1 || latency.predict(old.stage + 1, 1) <= withinMs)) {
    const stage = old.stage + 1;
    const others = queue.waiting(stage).filter((frame) => frame !== old);
    return { stage, frames: [old, ...others.slice(0, latency.largestBatch(stage, withinMs, settings.maxBatch) - 1)] };
  }
  let best: StageBatch | null = null;
  let bestRate = -1;
  for (let stage = 2; stage <= table.stages; stage++) {
    const waiting = queue.waiting(stage);
    const most = Math.min(waiting.length, latency.largestBatch(stage, withinMs, settings.maxBatch));
    let gain = 0;
    let batch = 0;
    let stageRate = -1;
    for (let size = 1; size <= most; size++) {
      gain += queue.valueOf(waiting[size - 1] as Frame);
      const ms = latency.predict(stage, size);
      if (size > atLeast && ms > withinMs + 1e-6) break;
      if (gain / ms >= stageRate) [stageRate, batch] = [gain / ms, size]; // with nothing to gain: together, not one by one
    }
    if (stageRate > bestRate) [bestRate, best] = [stageRate, { stage, frames: waiting.slice(0, batch) }];
  }
  return best;
}

/** True when a frame with this deadline can still have its first answer out in time. */
export function canAnswer(deadline: number | null, now: number, latency: LatencyModel, publishMs: number): boolean {
  return deadline === null || now + latency.neededMs(1, now) + publishMs <= deadline;
}

/**
 * Frames for which no more can be done in time, to be ended now: mandatory ones that cannot make stage 1 (`expired`), and
 * refinable ones that cannot make their next stage or whose next stage is beyond the depth limit (they keep their answer).
 */
export function overdue(
  { queue, now, latency, table, publishMs }: Omit<Situation, 'undecoded' | 'hasRoom' | 'settings'>,
  depthLimit: number | null,
): { readonly expired: Frame[]; readonly late: Frame[]; readonly beyondLimit: Frame[] } {
  const neededMs = Array.from({ length: table.stages }, (_, i) => latency.neededMs(i + 1, now) + publishMs);
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
  let earliest = queue.waiting(1).find(({ spec }) => spec.deadline !== null)?.spec.deadline ?? null;
  for (let stage = 2; stage <= table.stages; stage++) {
    for (const { spec } of queue.waiting(stage)) {
      if (spec.deadline !== null && (earliest === null || spec.deadline < earliest)) earliest = spec.deadline;
    }
  }
  return earliest;
}
