// What was said of a frame as the budget store keeps it: opaque text there, an answer and perhaps the reason of its end here.
import { z } from 'zod';
import type { Answer } from '../core/frame.ts';
import { EXIT_REASONS, type ExitReason } from '../core/result.ts';

const share = z.number().min(0).max(1);
const RecordedSchema = z.object({
  answer: z
    .object({
      stage: z.int().min(1),
      answerStage: z.int().min(1).optional(), // not recorded by older workers, whose answers were their own stage's
      label: z.string(),
      confidence: share,
      top: z.array(z.object({ label: z.string(), confidence: share })),
    })
    .transform((answer) => ({ ...answer, answerStage: answer.answerStage ?? answer.stage }))
    .nullable(),
  exit: z.enum(EXIT_REASONS).nullable(),
});

export interface Recorded {
  readonly answer: Answer | null;
  /** Null unless final. */
  readonly exit: ExitReason | null;
}

export function formatRecorded({ answer, exit }: Recorded): string {
  return JSON.stringify({ answer, exit });
}

/** Nothing recorded for what is no such text: a store's content is not trusted to be ours. */
export function parseRecorded(text: string | null): Recorded {
  try {
    return RecordedSchema.parse(JSON.parse(text ?? ''));
  } catch {
    return { answer: null, exit: null };
  }
}
