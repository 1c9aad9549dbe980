// A worker's load at a moment: what the fleet's depth limit is steered by.

export interface LoadSample {
  readonly workerId: string;
  /** Epoch ms. */
  readonly at: number;
  /** Frames taken in per second since the last sample. */
  readonly arrivalsPerSecond: number;
  /** How long the frames of stage 1 wait before they run, ms (longest in the ready queue now). */
  readonly queueDelayMs: number;
  /** Share of the time in which the stage thread was busy (computing, taking in, handing out), 0…1. */
  readonly utilisation: number;
  /** Passes that the frames in hand could still use. */
  readonly refinementDebt: number;
}

/** What a worker holds at a moment: each of these is bounded, and none may grow for ever. */
export interface Held {
  /** Frames in hand, and the bytes of their records and pixels. */
  readonly frames: number;
  readonly bytes: number;
  /** Frames that wait for their pixels, and for their next stage. */
  readonly undecoded: number;
  readonly queued: number;
  /** Results that wait for Kafka, roughly. */
  readonly unsentBytes: number;
  /** In the stage thread. */
  readonly activationBytes: number;
  readonly tensors: number;
}
