// The result record: what the result topics carry for each answer (the message contract in README.md).
import { z } from 'zod';

export const EXIT_REASONS = ['confident', 'full-depth', 'budget', 'deadline', 'load', 'expired', 'rejected'] as const;
/** Why a frame ended. */
export type ExitReason = (typeof EXIT_REASONS)[number];

// Readers ignore fields they do not know: a newer worker may add some.
export const ResultSchema = z.object({
  id: z.string().describe('Frame id: ce_id, else topic-partition-offset'),
  source: z.string().describe('ce_source of the frame, else its topic'),
  stage: z.int().min(0).describe('Deepest stage run for this answer, from 1; 0 when there is none'),
  answerStage: z
    .int()
    .min(0)
    .optional()
    .describe('Exit that the answer comes from, at most `stage`; 0 when there is none, absent from older workers'),
  stages: z.int().min(1).describe('Stages of the network'),
  label: z.string().nullable().describe('Best class; null when the frame never got an answer'),
  confidence: z.number().min(0).max(1).nullable().describe('Calibrated probability of the label; null without one'),
  top: z
    .array(z.strictObject({ label: z.string(), confidence: z.number() }))
    .describe('Best classes first, at most five'),
  final: z.boolean().describe('True on a record that ends the frame; it may come more than once'),
  exit: z.enum(EXIT_REASONS).nullable().describe('Why the frame ended; null unless final'),
  spent: z
    .number()
    .min(0)
    .describe(
      'Compute spent on the frame, passes; above the budget where the first stage alone is, or stages had to run again',
    ),
  budget: z.number().describe('Most compute the frame may use, passes'),
  deadline: z.number().nullable().describe('Epoch ms; null = none'),
  receivedAt: z.number().describe('When the worker took the frame, epoch ms'),
  publishedAt: z.number().describe('Epoch ms'),
  model: z.string().describe('name@version of the bundle'),
  epoch: z.int().describe('Assignment epoch of the partition in the worker'),
  degraded: z
    .array(z.string())
    .describe(
      'What was missing while this was made. "budget-store": Redis did not answer. "budget-history": Redis was emptied, or came into use, after the frame was sent, and may have known more of it',
    ),
});
/** The JSON value of a result record. */
export type ResultValue = z.infer<typeof ResultSchema>;

/** A result on its way to its topic: the value, and what the envelope takes over from the frame's record. */
export interface ResultRecord {
  readonly value: ResultValue;
  /** True for the first answer of a frame: it goes to the coarse topic, every later record to the refined one. */
  readonly isFirst: boolean;
  /** Keyed like the input; the frame id where the key is null. */
  readonly key: Uint8Array;
  /** The input's traceparent, to be continued. */
  readonly traceparent: string | null;
}
