// How fast the demo sends: first what fits, then more than can be refined fully, then calm again. Pure.
import type { LatencyModel } from '../../core/latency-model.ts';
import type { SecondRow } from './second.ts';

export interface Capacity {
  /** Frames a second that the engine can run through every stage. */
  readonly fullDepth: number;
  /** Frames a second of which it can run stage 1 alone. */
  readonly firstStage: number;
  /** Frames a second that can be decoded. */
  readonly decode: number;
}

/** Batch sizes of a busy engine: refinement comes in small batches, stage 1 under pressure in larger ones. */
const REFINING_BATCH = 8;
const FIRST_STAGE_BATCH = 16;

export function capacityOf(latency: LatencyModel, stages: number, decode: number): Capacity {
  let fullMs = 0;
  for (let stage = 1; stage <= stages; stage++) fullMs += latency.predict(stage, REFINING_BATCH) / REFINING_BATCH;
  const firstMs = latency.predict(1, FIRST_STAGE_BATCH) / FIRST_STAGE_BATCH;
  return { fullDepth: 1000 / fullMs, firstStage: 1000 / firstMs, decode };
}

export type PhaseName = 'calm' | 'burst' | 'calm again' | 'fixed';

export interface Phase {
  readonly name: PhaseName;
  readonly untilMs: number;
}

/** Phases of a run of `forMs`: thirds, or one when the rate is fixed. */
export function phasesOf(forMs: number, isFixed: boolean): readonly Phase[] {
  if (isFixed) return [{ name: 'fixed', untilMs: forMs }];
  return [
    { name: 'calm', untilMs: forMs / 3 },
    { name: 'burst', untilMs: (2 * forMs) / 3 },
    { name: 'calm again', untilMs: forMs },
  ];
}

/** Share of the full-depth rate that fits well. */
const CALM_SHARE = 0.6;
/** A burst begins at so many times what can be refined as far as the calm frames were. */
const BURST_FACTOR = 2.5;
/** Stage 1 must keep room: the burst is to shorten refinement, not to lose frames. */
const FIRST_STAGE_SHARE = 0.6;
/** Decoding was measured alone; beside the engine and the rest it has about a third of the machine. */
const DECODE_SHARE = 0.35;

/**
 * Frames a second at the beginning of a phase. `meanPasses` is what frames spent so far: confident ones end early, so that more
 * than the full-depth rate fits; null before any ended.
 */
export function rateOf(phase: PhaseName, capacity: Capacity, meanPasses: number | null): number {
  const most = mostOf(capacity);
  const calm = Math.min(CALM_SHARE * capacity.fullDepth, most / 2);
  if (phase !== 'burst') return calm;
  const refinable = capacity.fullDepth / Math.min(1, Math.max(0.05, meanPasses ?? 1));
  return Math.max(calm, Math.min(BURST_FACTOR * refinable, most));
}

/** Frames are shallower than in the calm by this factor: the burst is one. */
const IS_SHALLOWER = 0.75;
const UP = 1.25;
const DOWN = 0.7;
/** Of the deadline: first answers that take longer are near to expiring. */
const LATE_SHARE = 0.5;
/** Of the deadline: first answers that take longer (half of them) already wait in line, and more frames would only lengthen it. */
const WAITING_SHARE = 0.1;

/**
 * The burst's rate for the next second, from what the last one showed: up while frames are still refined as deep as in the calm
 * and nothing waits, down when first answers come late. Estimates of a machine that does other things besides are only a beginning.
 */
export function nextBurstRate(
  rate: number,
  shown: Pick<SecondRow, 'meanDepth' | 'firstP50Ms' | 'firstP99Ms' | 'expired'>,
  calmDepth: number,
  deadlineMs: number,
  capacity: Capacity,
): number {
  if (shown.expired > 0 || (shown.firstP99Ms ?? 0) > LATE_SHARE * deadlineMs) return rate * DOWN;
  const isShallower = (shown.meanDepth ?? calmDepth) < IS_SHALLOWER * calmDepth;
  const isWaiting = (shown.firstP50Ms ?? 0) > WAITING_SHARE * deadlineMs;
  return isShallower || isWaiting ? rate : Math.max(rate, Math.min(rate * UP, capacity.firstStage * FIRST_STAGE_SHARE));
}

/** The phase in which a frame falls that is due `afterMs` after the start. */
export function phaseAt(phases: readonly Phase[], afterMs: number): number {
  const index = phases.findIndex(({ untilMs }) => afterMs <= untilMs);
  return index < 0 ? phases.length - 1 : index;
}

function mostOf({ firstStage, decode }: Capacity): number {
  return Math.min(FIRST_STAGE_SHARE * firstStage, DECODE_SHARE * decode);
}
