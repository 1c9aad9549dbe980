// What a run was worth: sent frames, received result records and dead letters → one document. Pure: times are arguments, records
// may come twice, late, in any order, or not at all. A consumer keeps the highest stage per frame id, at the same stage the record with
// `final`; so does this.
import type { ExitReason, ResultValue } from '../core/result.ts';
import { deepest, type RunDocument, runDocument } from './run-document.ts';

export interface SentFrame {
  readonly id: string;
  /** Class name; null = not known, the frame does not count for accuracy. */
  readonly label: string | null;
  /** When the frame was due to be sent, epoch ms: latencies count from here, so that a slow sender hides nothing. */
  readonly dueAt: number;
  /** Epoch ms; null = none. */
  readonly deadline: number | null;
}

export interface ScoredAnswer {
  readonly label: string;
  readonly confidence: number;
  /** The exit that gave it. */
  readonly answerStage: number;
}

/** Everything known of one frame. */
export interface ScoredFrame extends SentFrame {
  dueAt: number;
  deadline: number | null;
  /** False while nothing but a dead letter is known of a frame that nobody announced: `dueAt` and `deadline` come with its first result record. */
  isDueKnown: boolean;
  /** Answers by stage; of a stage the final record's, where there is one. */
  readonly answers: Map<number, ScoredAnswer>;
  /** When its first answer came, whichever that was, epoch ms. */
  firstAt: number | null;
  /** Of that answer: when the worker had taken the frame, and when it published, epoch ms by the worker's clock. */
  firstInWorker: { readonly receivedAt: number; readonly publishedAt: number } | null;
  final: {
    readonly exit: ExitReason;
    readonly stage: number;
    readonly spent: number;
    readonly receivedAt: number;
  } | null;
  isDeadLettered: boolean;
  hasCoarse: boolean;
  /** Records seen, as stage and final or not. */
  readonly records: Set<string>;
  /** When its last record came, epoch ms; when it was due, before any. */
  lastAt: number;
}

/**
 * What a record brought: a first or deeper answer, an answer that is no better than a known one, the end of the frame without a deeper
 * answer, nothing new, or a frame that nobody sent.
 */
export type News = 'better' | 'behind' | 'end' | 'duplicate' | 'unknown';

export class RunScore {
  readonly #frames = new Map<string, ScoredFrame>();
  readonly #isOpen: boolean;
  #duplicates = 0;
  #unknown = 0;
  #stages = 0;
  #model: string | null = null;

  /** `isOpen`: frames that nobody announced count too, due when the worker received them (a watcher's view). */
  constructor(options: { readonly isOpen?: boolean } = {}) {
    this.#isOpen = options.isOpen ?? false;
  }

  sent({ id, label, dueAt, deadline }: SentFrame): void {
    this.#frames.set(id, {
      id,
      label,
      dueAt,
      deadline,
      isDueKnown: true,
      answers: new Map(),
      firstAt: null,
      firstInWorker: null,
      final: null,
      isDeadLettered: false,
      hasCoarse: false,
      records: new Set(),
      lastAt: dueAt,
    });
  }

  /** No frame was sent, or seen. */
  get isEmpty(): boolean {
    return this.#frames.size === 0;
  }

  frame(id: string): ScoredFrame | undefined {
    return this.#frames.get(id);
  }

  /** A result record came from the coarse topic, or from the refined one. `receivedAt`: epoch ms. */
  received(value: ResultValue, topic: 'coarse' | 'refined', receivedAt: number): News {
    const frame = this.#frameOf(value);
    if (frame === undefined) {
      this.#unknown += 1;
      return 'unknown';
    }
    frame.lastAt = receivedAt;
    this.#model = value.model;
    this.#stages = Math.max(this.#stages, value.stages);
    const { stage, label, confidence, answerStage = stage } = value;
    const record = value.final ? 'final' : `stage ${stage}`;
    const isAgain = frame.records.has(record);
    if (isAgain) this.#duplicates += 1;
    frame.records.add(record);
    if (topic === 'coarse') frame.hasCoarse = true;
    const known = deepest(frame);
    const hasAnswer = stage > 0 && label !== null;
    const isNewAnswer = hasAnswer && !frame.answers.has(stage);
    // No end at a lower stage takes back what is known.
    const isEnd = value.final && (frame.final === null || stage > frame.final.stage);
    if (isAgain && !isNewAnswer && !isEnd) return 'duplicate';
    if (hasAnswer && (isNewAnswer || isEnd))
      frame.answers.set(stage, { label, confidence: confidence ?? 0, answerStage });
    if (isNewAnswer && receivedAt < (frame.firstAt ?? Infinity)) {
      frame.firstAt = receivedAt;
      frame.firstInWorker = { receivedAt: value.receivedAt, publishedAt: value.publishedAt };
    }
    if (isEnd) frame.final = { exit: value.exit ?? 'expired', stage, spent: value.spent, receivedAt };
    if (isNewAnswer && stage > known) return 'better';
    return isEnd ? 'end' : 'behind';
  }

  /** `receivedAt`: epoch ms. */
  deadLettered(id: string, receivedAt = 0): News {
    let frame = this.#frames.get(id);
    if (frame === undefined && this.#isOpen) {
      this.sent({ id, label: null, dueAt: 0, deadline: null });
      frame = this.#frames.get(id);
      if (frame !== undefined) frame.isDueKnown = false;
    }
    if (frame === undefined) this.#unknown += 1;
    else if (frame.isDeadLettered) this.#duplicates += 1;
    if (frame === undefined) return 'unknown';
    const isNew = !frame.isDeadLettered;
    frame.isDeadLettered = true;
    frame.lastAt = Math.max(frame.lastAt, receivedAt);
    return isNew ? 'end' : 'duplicate';
  }

  /** Lets go of the frames whose last record came before that, epoch ms; returns their ids. What comes of them again is news. */
  forget(before: number): string[] {
    const gone = [...this.#frames.values()].filter(({ lastAt }) => lastAt < before).map(({ id }) => id);
    for (const id of gone) this.#frames.delete(id);
    return gone;
  }

  /** Frames that have neither a final record nor a dead letter. */
  missing(): string[] {
    return [...this.#frames.values()].filter((f) => f.final === null && !f.isDeadLettered).map(({ id }) => id);
  }

  /** Frames that ended with an answer whose first answer never came on the coarse topic. */
  withoutCoarse(): string[] {
    return [...this.#frames.values()].filter((f) => f.answers.size > 0 && !f.hasCoarse).map(({ id }) => id);
  }

  /** `engine`: what computed, for people; result records do not carry it. */
  document(engine: string | null): RunDocument {
    const seen = { duplicates: this.#duplicates, unknown: this.#unknown };
    return runDocument([...this.#frames.values()], { ...seen, engine, model: this.#model, stages: this.#stages });
  }

  #frameOf({ id, receivedAt, deadline }: ResultValue): ScoredFrame | undefined {
    if (this.#isOpen && !this.#frames.has(id)) this.sent({ id, label: null, dueAt: receivedAt, deadline });
    const frame = this.#frames.get(id);
    if (frame?.isDueKnown === false) Object.assign(frame, { dueAt: receivedAt, deadline, isDueKnown: true });
    return frame;
  }
}
