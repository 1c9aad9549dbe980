// How long a stage batch takes: Ls(b) = a + c·b per stage, fitted to the warm-up runs and kept up while running. It learns only from runs, and
// decides which frames run: what it says of a stage is doubted once that has not run for a while, or a model that says "too slow" would stay so.
import { p95 } from './recent-times.ts';

/** Sums of weighted least squares: weight, b, b², ms, b·ms. */
type Sums = readonly [number, number, number, number, number];

interface Fit {
  readonly sums: Sums;
  /** Latest residuals (measured − predicted), ms, a ring. */
  readonly residuals: readonly number[];
  /** Their 95th percentile, at least 0, ms. */
  readonly marginMs: number;
  /** Times of the latest runs, ms, a ring. */
  readonly times: readonly number[];
  /** When the last run ended, or the warm-up, epoch ms. */
  readonly ranAt: number;
}

/** Each observation fades by this factor at the next one of the same stage: about the last 100 runs count. */
const FADE = 0.99;
const KEPT = 100;
/** So long after the last run of a stage what is predicted for it is believed, then half of it, and half of that for each time as long again, ms. */
const BELIEVED_MS = 1000;
/** A run that was tried against what is predicted, and took less than this share of it, shows that the prediction is of other times. */
const DISPROVED_SHARE = 0.5;
/** Weight of the warm-up in the running fit, in runs: holds the slope up when only one batch size occurs. */
const PRIOR_WEIGHT = 4;

export class LatencyModel {
  readonly #fits: Fit[];
  readonly #prior: Sums[];

  /** `runs` are warm-up measurements (several batch sizes a stage), ms, made before `at`, epoch ms. */
  constructor(stages: number, runs: readonly { stage: number; batch: number; ms: number }[], at = 0) {
    const perStage = Array.from({ length: stages }, (_, i) => runs.filter((run) => run.stage === i + 1));
    this.#prior = perStage.map((own) => {
      const share = PRIOR_WEIGHT / Math.max(1, own.length);
      return own.reduce<Sums>((sums, run) => add(sums, run.batch, run.ms, share), NONE);
    });
    const none = { sums: NONE, residuals: [], marginMs: 0, times: [], ranAt: at };
    this.#fits = perStage.map(() => none);
  }

  /** A run was measured, which ended at `at`, epoch ms. `isTry`: by what was predicted it could not have been in time. */
  observe(stage: number, batch: number, ms: number, at = 0, isTry = false): void {
    if (isTry) this.#disprove(stage, batch, ms);
    const fit = this.#fits[stage - 1];
    if (fit === undefined) return;
    const residuals = [...fit.residuals, ms - this.predict(stage, batch)].slice(-KEPT);
    const times = [...fit.times, ms].slice(-KEPT);
    const [w, b, bb, t, bt] = fit.sums;
    const faded = [w * FADE, b * FADE, bb * FADE, t * FADE, bt * FADE] as const;
    this.#fits[stage - 1] = {
      ...{ sums: add(faded, batch, ms, 1), residuals, marginMs: p95(residuals) },
      ...{ times, ranAt: at },
    };
  }

  /** Where a run shows that the machine is faster than it was, what was learnt is scaled to it, and what runs took beyond that is forgotten. */
  #disprove(stage: number, batch: number, ms: number): void {
    const fit = this.#fits[stage - 1];
    const expectedMs = this.predict(stage, batch);
    if (fit === undefined || ms >= DISPROVED_SHARE * (expectedMs + fit.marginMs)) return;
    const by = Math.min(1, ms / Math.max(expectedMs, 1e-9));
    this.#prior[stage - 1] = scaled(this.#prior[stage - 1] ?? NONE, by);
    this.#fits[stage - 1] = { ...fit, sums: scaled(fit.sums, by), residuals: [], marginMs: 0 };
  }

  /** The line's intercept (a) and slope (c), ms; neither below zero. */
  line(stage: number): { readonly fixedMs: number; readonly perFrameMs: number } {
    const prior = this.#prior[stage - 1] ?? NONE;
    const sums = this.#fits[stage - 1]?.sums ?? NONE;
    const [w, b, bb, t, bt] = prior.map((value, i) => value + (sums[i] ?? 0)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    if (w === 0) return { fixedMs: 0, perFrameMs: 1 };
    const spread = bb - (b * b) / w;
    const slope = spread > 1e-9 ? (bt - (b * t) / w) / spread : t / Math.max(b, 1e-9);
    const perFrameMs = Math.max(1e-6, Math.min(Math.max(slope, 1e-3), t / Math.max(b, 1e-9)));
    return { fixedMs: Math.max(0, (t - perFrameMs * b) / w), perFrameMs };
  }

  /** Expected time of a batch of `batch` frames in this stage, ms. */
  predict(stage: number, batch: number): number {
    const { fixedMs, perFrameMs } = this.line(stage);
    return fixedMs + perFrameMs * batch;
  }

  /** What a run of this stage may take beyond its prediction: the 95th percentile of the latest residuals, ms, at least 0. */
  marginMs(stage: number): number {
    return this.#fits[stage - 1]?.marginMs ?? 0;
  }

  /**
   * What the run of one frame may take at `now`, epoch ms: prediction and margin, the less believed the longer no run has shown it, but not less
   * than the fastest of the latest runs.
   */
  neededMs(stage: number, now: number): number {
    const neededMs = this.predict(stage, 1) + this.marginMs(stage);
    const { ranAt, times } = this.#fits[stage - 1] ?? { ranAt: now, times: [] };
    const unseen = Math.abs(now - ranAt) / BELIEVED_MS; // a run that is still to come: the clock was set back
    if (unseen <= 1) return neededMs;
    const fastestMs = times.length > 0 ? Math.min(...times) : 0;
    return Math.max(Math.min(neededMs, fastestMs), neededMs * 0.5 ** unseen);
  }

  /**
   * How many mandatory frames are worth waiting for: batching pays only for the fixed part, so about a/c, at most half the
   * largest batch, at least 1.
   */
  hold(largestBatch: number): number {
    const { fixedMs, perFrameMs } = this.line(1);
    return Math.max(1, Math.min(Math.round(fixedMs / perFrameMs), Math.floor(largestBatch / 2)));
  }

  /** Largest batch of this stage, up to `cap`, whose run stays within `ms`; at least 1. */
  largestBatch(stage: number, ms: number, cap: number): number {
    const { fixedMs, perFrameMs } = this.line(stage);
    return Math.max(1, Math.min(cap, Math.floor((ms - fixedMs) / perFrameMs + 1e-6)));
  }
}

const NONE: Sums = [0, 0, 0, 0, 0];

function add(sums: Sums, batch: number, ms: number, weight: number): Sums {
  const [w, b, bb, t, bt] = sums;
  return [w + weight, b + weight * batch, bb + weight * batch * batch, t + weight * ms, bt + weight * batch * ms];
}

/** For times that are `by` of what they were. */
function scaled([w, b, bb, t, bt]: Sums, by: number): Sums {
  return [w, b, bb, t * by, bt * by];
}
