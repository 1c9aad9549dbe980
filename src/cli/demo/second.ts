// What happened within a second of the demo, as one row. Pure.
import { percentile } from '../../evaluation/percentile.ts';
import { deepest } from '../../evaluation/run-document.ts';
import type { ScoredFrame } from '../../evaluation/run-score.ts';

export interface SecondRow {
  /** Second of the run, from 1. */
  readonly second: number;
  /** Frames that fell due in it. */
  readonly due: number;
  readonly firstP50Ms: number | null;
  readonly firstP99Ms: number | null;
  /** Of the frames that ended in it with an answer: mean stage, and share of right first and last answers. */
  readonly meanDepth: number | null;
  readonly firstRight: number | null;
  readonly finalRight: number | null;
  readonly expired: number;
}

export class Second {
  #due = 0;
  #firstMs: number[] = [];
  #ended: ScoredFrame[] = [];

  frameDue(): void {
    this.#due += 1;
  }

  firstAnswer(afterMs: number): void {
    this.#firstMs.push(afterMs);
  }

  frameEnded(frame: ScoredFrame): void {
    this.#ended.push(frame);
  }

  /** The row of this second; a new one begins. */
  close(second: number): SecondRow {
    const answered = this.#ended.filter(({ answers }) => answers.size > 0);
    const share = (stageOf: (frame: ScoredFrame) => number) => {
      const labelled = answered.filter(({ label }) => label !== null);
      return mean(labelled.map((frame) => (frame.answers.get(stageOf(frame))?.label === frame.label ? 1 : 0)));
    };
    const row = {
      second,
      due: this.#due,
      firstP50Ms: percentile(this.#firstMs, 50),
      firstP99Ms: percentile(this.#firstMs, 99),
      meanDepth: mean(answered.map(deepest)),
      firstRight: share(({ answers }) => Math.min(...answers.keys())),
      finalRight: share(deepest),
      expired: this.#ended.length - answered.length,
    };
    this.#due = 0;
    this.#firstMs = [];
    this.#ended = [];
    return row;
  }
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
