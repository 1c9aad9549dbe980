// What the scheduler and the exit policy know of a network: cost and worth of each stage, as numbers. Stages count from 1.

/** How good one exit was on held-out data: overall, and by the confidence it showed. */
export interface ExitQuality {
  readonly accuracy: number;
  /** Per confidence bucket: frames seen in it, how many of them were right, and how many were right at the next exit, where that is known. */
  readonly buckets: readonly {
    readonly frames: number;
    readonly right: number;
    readonly rightNext?: number | undefined;
  }[];
}

/** Frames' worth of the exit's average that keeps thin buckets from saying 0 or 1. */
const PRIOR_FRAMES = 20;

export class StageTable {
  /** Number of stages, which is the number of exits. */
  readonly stages: number;
  readonly #passesAt: readonly number[];
  readonly #exits: readonly ExitQuality[];
  readonly #edges: readonly number[];

  /** `passesAt[i]` = cost up to and with exit i + 1, passes (the last is 1). `edges` = upper edges of the confidence buckets. */
  constructor(passesAt: readonly number[], exits: readonly ExitQuality[], edges: readonly number[]) {
    this.stages = passesAt.length;
    this.#passesAt = passesAt;
    this.#exits = exits;
    this.#edges = edges;
  }

  /** Cost up to and with this stage's exit, passes; 0 for stage 0. */
  passesAt(stage: number): number {
    return stage === 0 ? 0 : (this.#passesAt[stage - 1] ?? 1);
  }

  /** Cost of this stage alone, passes. */
  cost(stage: number): number {
    return this.passesAt(stage) - this.passesAt(stage - 1);
  }

  /** P(right) of an answer of this stage that showed this confidence; the exit's accuracy where a bucket saw too little. */
  rightGiven(stage: number, confidence: number): number {
    const exit = this.#exits[stage - 1];
    if (exit === undefined) return 0;
    const bucket = this.#bucketOf(exit, confidence);
    return ((bucket?.right ?? 0) + PRIOR_FRAMES * exit.accuracy) / ((bucket?.frames ?? 0) + PRIOR_FRAMES);
  }

  /**
   * Expected gain in P(right) from running the stage after `stage` on a frame whose answer showed `confidence`: P(right at the next exit |
   * confidence bucket here) less P(right here | bucket), as counted on held-out frames. Thin buckets, and bundles that did not count it, go by
   * the accuracy table's difference, shared out among frames in proportion to how likely their answer is wrong. Never below 0.
   */
  gainAfter(stage: number, confidence: number): number {
    const shared = this.#sharedGain(stage, confidence);
    const exit = this.#exits[stage - 1];
    const bucket = exit === undefined ? undefined : this.#bucketOf(exit, confidence);
    if (bucket?.rightNext === undefined) return shared;
    const gained = bucket.rightNext - bucket.right + PRIOR_FRAMES * shared;
    return Math.max(0, gained / (bucket.frames + PRIOR_FRAMES));
  }

  #bucketOf(exit: ExitQuality, confidence: number): ExitQuality['buckets'][number] | undefined {
    return exit.buckets[this.#edges.findIndex((edge) => confidence <= edge)];
  }

  #sharedGain(stage: number, confidence: number): number {
    const now = this.#exits[stage - 1]?.accuracy ?? 0;
    const next = this.#exits[stage]?.accuracy ?? now;
    if (stage === 0) return next;
    return (Math.max(0, next - now) * (1 - this.rightGiven(stage, confidence))) / Math.max(1e-6, 1 - now);
  }
}
