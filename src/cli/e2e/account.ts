// Whether every frame of a run is accounted for: one first answer and one end each, after de-duplication. Pure.
import type { RunScore } from '../../evaluation/run-score.ts';

export interface Account {
  readonly isComplete: boolean;
  /** Frames without an end, and frames with an answer but without their first on the coarse topic; the first of each. */
  readonly missing: readonly string[];
  readonly withoutCoarse: readonly string[];
}

const IDS_SHOWN = 20;

export function accountFor(score: RunScore): Account {
  const missing = score.missing();
  const withoutCoarse = score.withoutCoarse();
  return {
    isComplete: missing.length === 0 && withoutCoarse.length === 0,
    missing: missing.slice(0, IDS_SHOWN),
    withoutCoarse: withoutCoarse.slice(0, IDS_SHOWN),
  };
}
