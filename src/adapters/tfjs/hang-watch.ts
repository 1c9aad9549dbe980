// Whether the stage thread still answers: one limit at a time, for the answer that is due next.
import { type After, patience } from '../../core/patience.ts';

export class HangWatch {
  readonly #after: After;
  readonly #hung: (limitMs: number) => void;
  #cancel = () => {};

  /** `hung` is told of a limit that went by. */
  constructor(after: After, hung: (limitMs: number) => void) {
    this.#after = after;
    this.#hung = hung;
  }

  /** The next answer is due within `limitMs` from now; null = none is due, or it may take as long as it likes. */
  expect(limitMs: number | null): void {
    this.#cancel();
    this.#cancel = limitMs === null ? () => {} : patience(this.#after, limitMs, () => this.#hung(limitMs));
  }
}
