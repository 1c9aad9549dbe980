// The frames that wait for their next stage. Mandatory ones (no stage run yet) by due time, the others per next stage by what
// refining them is expected to gain. Frames enter by `add`, leave by `take` or `remove`; one frame is in it at most once.
import type { Frame } from './frame.ts';
import { SortedList } from './sorted-list.ts';
import type { StageTable } from './stage-table.ts';

/** How long a frame without a deadline may wait for its first answer before it counts as urgent, ms. */
export const FIRST_ANSWER_MS = 500;

/** When a frame's first answer is due, epoch ms. */
export function dueOf(frame: Frame): number {
  return frame.spec.deadline ?? frame.receivedAt + FIRST_ANSWER_MS;
}

export class ReadyQueue {
  readonly #table: StageTable;
  readonly #mandatory = new SortedList<Frame>(dueOf);
  readonly #refinable: readonly SortedList<Frame>[];

  constructor(table: StageTable) {
    this.#table = table;
    this.#refinable = Array.from({ length: table.stages - 1 }, () => new SortedList<Frame>((f) => -this.valueOf(f)));
  }

  /**
   * Weighted expected gain of this frame's next stage; the weight is 1 + its priority. For a frame sent back, whose answer is of a deeper stage,
   * the gain comes at the stage beyond that one: the next stage has its share of it by cost.
   */
  valueOf(frame: Frame): number {
    const { stage, answer } = frame;
    const reached = Math.max(stage, answer?.stage ?? 0);
    const share = this.#table.cost(stage + 1) / (this.#table.passesAt(reached + 1) - this.#table.passesAt(stage));
    return (1 + frame.spec.priority) * this.#table.gainAfter(reached, answer?.confidence ?? 0) * share;
  }

  add(frame: Frame): void {
    this.#listFor(frame.stage + 1).add(frame);
  }

  /** Take these frames, which wait for this stage. */
  take(stage: number, frames: readonly Frame[]): void {
    const chosen = new Set(frames);
    this.#listFor(stage).takeWhere((frame) => chosen.has(frame));
  }

  /** Frames waiting for this stage: stage 1 by due time, earliest first; later ones by value, highest first. */
  waiting(stage: number): readonly Frame[] {
    return this.#listFor(stage).items;
  }

  /** Take out all that match, of every stage. */
  remove(matches: (frame: Frame) => boolean): Frame[] {
    return [this.#mandatory, ...this.#refinable].flatMap((list) => list.takeWhere(matches));
  }

  /** Take out up to `count` refinable frames that match, least value first. */
  removeLeastValue(count: number, matches: (frame: Frame) => boolean): Frame[] {
    if (count <= 0) return [];
    const candidates = this.#refinable.flatMap((list) => list.items.filter(matches));
    candidates.sort((x, y) => this.valueOf(x) - this.valueOf(y));
    const chosen = new Set(candidates.slice(0, count));
    return this.remove((frame) => chosen.has(frame));
  }

  get size(): number {
    return this.#refinable.reduce((sum, list) => sum + list.items.length, this.#mandatory.items.length);
  }

  #listFor(stage: number): SortedList<Frame> {
    return stage === 1 ? this.#mandatory : (this.#refinable[stage - 2] ?? this.#mandatory);
  }
}
