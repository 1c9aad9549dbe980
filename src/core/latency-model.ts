// How long a stage batch takes: Ls(b) = a + c·b per stage, fitted to the warm-up runs and kept up while running.

/** Sums of weighted least squares: weight, b, b², ms, b·ms. */
type Sums = readonly [number, number, number, number, number];

interface Fit {
  readonly sums: Sums;
  /** Latest residuals (measured − predicted), ms, a ring. */
  readonly residuals: number[];
  /** Their 95th percentile, at least 0, ms. */
  readonly marginMs: number;
}

/** Each observation fades by this factor at the next one of the same stage: about the last 100 runs count. */
const FADE = 0.99;
const RESIDUALS_KEPT = 100;
/** Weight of the warm-up in the running fit, in runs: holds the slope up when only one batch size occurs. */
const PRIOR_WEIGHT = 4;

export class LatencyModel {
  readonly #fits: Fit[];
  readonly #prior: readonly Sums[];

  /** `runs` are warm-up measurements (several batch sizes a stage), ms. */
  constructor(stages: number, runs: readonly { stage: number; batch: number; ms: number }[]) {
    const perStage = Array.from({ length: stages }, (_, i) => runs.filter((run) => run.stage === i + 1));
    this.#prior = perStage.map((own) => {
      const share = PRIOR_WEIGHT / Math.max(1, own.length);
      return own.reduce<Sums>((sums, run) => add(sums, run.batch, run.ms, share), NONE);
    });
    this.#fits = perStage.map(() => ({ sums: NONE, residuals: [], marginMs: 0 }));
  }

  /** A run was measured. */
  observe(stage: number, batch: number, ms: number): void {
    const fit = this.#fits[stage - 1];
    if (fit === undefined) return;
    fit.residuals.push(ms - this.predict(stage, batch));
    if (fit.residuals.length > RESIDUALS_KEPT) fit.residuals.shift();
    const [w, b, bb, t, bt] = fit.sums;
    const faded = [w * FADE, b * FADE, bb * FADE, t * FADE, bt * FADE] as const;
    this.#fits[stage - 1] = { sums: add(faded, batch, ms, 1), residuals: fit.residuals, marginMs: p95(fit.residuals) };
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

/** 95th percentile of a non-empty list, at least 0. */
function p95(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  return Math.max(0, sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0);
}

const NONE: Sums = [0, 0, 0, 0, 0];

function add(sums: Sums, batch: number, ms: number, weight: number): Sums {
  const [w, b, bb, t, bt] = sums;
  return [w + weight, b + weight * batch, bb + weight * batch * batch, t + weight * ms, bt + weight * batch * ms];
}
