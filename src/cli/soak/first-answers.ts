// How long frames waited for their first answer, minute by minute, and which never ended. Pure; holds only frames that are under way
// and the waits of the present minute.
import { percentile } from '../../evaluation/percentile.ts';

export interface Minute {
  /** From 0. */
  readonly minute: number;
  readonly firstAnswers: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

const MINUTE_MS = 60_000;

export class FirstAnswers {
  readonly #from: number;
  readonly #minutes: Minute[] = [];
  /** Frames that have not ended: when each was due, and whether its first answer came. */
  readonly #underWay = new Map<string, { readonly dueAt: number; isAnswered: boolean }>();
  #waits: number[] = [];
  #minute = 0;
  #sent = 0;
  #ended = 0;
  #unanswered = 0;

  /** `from`: when the first minute begins, epoch ms. */
  constructor(from: number) {
    this.#from = from;
  }

  get sent(): number {
    return this.#sent;
  }

  get ended(): number {
    return this.#ended;
  }

  /** Frames that ended without any answer. */
  get unanswered(): number {
    return this.#unanswered;
  }

  get missing(): string[] {
    return [...this.#underWay.keys()];
  }

  wasSent(id: string, dueAt: number): void {
    this.#sent += 1;
    this.#underWay.set(id, { dueAt, isAnswered: false });
  }

  /** A result record came; times ascend. Of a frame that has ended it is a duplicate, and nothing. */
  received({ id, stage, final }: { id: string; stage: number; final: boolean }, at: number): void {
    this.#turn(at);
    const frame = this.#underWay.get(id);
    if (frame === undefined) return;
    if (stage > 0 && !frame.isAnswered) {
      frame.isAnswered = true;
      this.#waits.push(at - frame.dueAt);
    }
    if (!final) return;
    this.#underWay.delete(id);
    this.#ended += 1;
    if (!frame.isAnswered) this.#unanswered += 1;
  }

  /** All minutes so far, the present one included. */
  minutes(): Minute[] {
    return this.#waits.length === 0 ? [...this.#minutes] : [...this.#minutes, this.#present()];
  }

  #turn(at: number): void {
    const minute = Math.floor((at - this.#from) / MINUTE_MS);
    if (minute <= this.#minute) return;
    this.#minutes.push(this.#present());
    this.#minute = minute;
    this.#waits = [];
  }

  #present(): Minute {
    const waits = this.#waits;
    return {
      minute: this.#minute,
      firstAnswers: waits.length,
      p50Ms: percentile(waits, 50),
      p99Ms: percentile(waits, 99),
    };
  }
}
