// What a report is made from, and how its figures are written.
import type { Model } from '../../network/model.ts';
import type { Evaluation } from '../evaluate.ts';
import type { ExitAnswers, LabelledFrames } from '../exit-answers.ts';

/** A measured point: MACs per frame, and accuracy 0…1. */
export interface CostPoint {
  readonly macs: number;
  readonly accuracy: number;
}

export interface ReportInput {
  readonly model: Model;
  readonly evaluation: Evaluation;
  /** Per exit, what it answered to every frame. */
  readonly answers: readonly ExitAnswers[];
  readonly frames: LabelledFrames;
  /** One network per exit, trained for it alone, where they were measured. */
  readonly opt: readonly CostPoint[] | null;
  /** The network that these were cut from, where a study tells them; null where they were measured on these frames. */
  readonly optNetwork: string | null;
  readonly made: {
    readonly command: string;
    readonly at: Date;
    /** Images left out because they could not be decoded. */
    readonly skipped: number;
  };
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

export function megaMacs(macs: number): string {
  return (macs / 1e6).toFixed(2);
}
