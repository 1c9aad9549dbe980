// A frame in the worker's hands, from intake to settled.
//
//   taken ─▶ begun ─▶ decoded ─▶ ready ⇄ running ─▶ ended ─▶ settled
//
// taken: its record came, credits are held. begun: the budget store counted the attempt. decoded: pixels are there. ready: it waits
// for stage `stage + 1`. running: it is in a stage batch. ended: its final record (or dead letter) is on its way; nothing more is
// computed. settled: that record is acknowledged, credits are back. A frame whose partition is revoked is dropped from any state.
import type { CombinedAnswer } from './answer-rule.ts';
import type { FrameRecord } from './frame-record.ts';
import type { FrameSpec } from './frame-spec.ts';

/** What is said of a frame after a stage. */
export interface Answer {
  /** Deepest stage that was run for it, from 1. */
  readonly stage: number;
  /** Exit that it comes from, from 1: an earlier one where the answer rule (answer-rule.ts) kept that one's answer. */
  readonly answerStage: number;
  readonly label: string;
  readonly confidence: number;
  /** Best classes first, at most five. */
  readonly top: readonly { readonly label: string; readonly confidence: number }[];
}

export interface Frame {
  readonly spec: FrameSpec;
  readonly record: FrameRecord;
  /** Epoch ms. */
  readonly receivedAt: number;
  /** When it came into the ready queue for its first answer, epoch ms; null before. */
  readyAt: number | null;
  /** Bytes of its record, held until it is settled. */
  readonly heldBytes: number;
  /** Model input, kept until the end so that a crash of the engine costs no frame. */
  pixels: Uint8Array | null;
  /** Activations in the stage thread; null before stage 1 and after a crash. */
  handle: number | null;
  /** Deepest stage computed in the present engine generation; the next one is stage + 1. */
  stage: number;
  /** What the exits of the present engine generation say together; null before the first, and once the frame has ended. */
  combined: CombinedAnswer | null;
  /** Best answer so far, from this attempt or recorded by an earlier one; null = none. */
  answer: Answer | null;
  /** Deepest stage whose answer this attempt handed to the publisher, or that was acknowledged of an earlier one; 0 = none. */
  sentStage: number;
  /** Deepest stage recorded by earlier attempts; 0 = none, as far as is known. */
  recordedStage: number;
  /** Passes spent, all attempts. */
  spent: number;
  /** Stage runs that failed with this frame among their batch. */
  failedRuns: number;
  /** Earlier attempts on it alone that came to nothing since it last got further: failed runs, deaths of workers. */
  vainAttempts: number;
  /** Attempts that the budget store counts apart from the present one; null = not known. */
  countedBefore: number | null;
  /** True while the budget store counts, or may count, the present attempt as one that has come to nothing. */
  isCounted: boolean;
  /** True while it is worked on alone, because an earlier attempt came to nothing. */
  isSuspect: boolean;
  isEnded: boolean;
}

export function newFrame(spec: FrameSpec, record: FrameRecord, receivedAt: number): Frame {
  return {
    spec,
    record,
    receivedAt,
    heldBytes: record.bytes ?? bytesOf(record),
    readyAt: null,
    pixels: null,
    handle: null,
    stage: 0,
    combined: null,
    answer: null,
    sentStage: 0,
    recordedStage: 0,
    spent: 0,
    failedRuns: 0,
    vainAttempts: 0,
    countedBefore: null,
    isCounted: false,
    isSuspect: false,
    isEnded: false,
  };
}

/** Value, key and headers: any of them can be large. */
function bytesOf({ value, key, headers }: FrameRecord): number {
  let bytes = (value?.length ?? 0) + (key?.length ?? 0);
  for (const [name, text] of Object.entries(headers)) bytes += name.length + text.length;
  return bytes;
}

/** What the stage thread held of it is gone: its next stage is the first. What was answered stays. */
export function beginAnew(frame: Frame): void {
  frame.handle = null;
  frame.stage = 0;
  frame.combined = null;
}
