// An answer as the budget store keeps it: opaque text there, an Answer here.
import { z } from 'zod';
import type { Answer } from '../core/frame.ts';

const share = z.number().min(0).max(1);
const AnswerSchema = z.object({
  stage: z.int().min(1),
  label: z.string(),
  confidence: share,
  top: z.array(z.object({ label: z.string(), confidence: share })),
});

export function formatAnswer(answer: Answer | null): string | null {
  return answer === null ? null : JSON.stringify(answer);
}

/** Null for what is no answer: a store's content is not trusted to be ours. */
export function parseAnswer(text: string | null): Answer | null {
  if (text === null) return null;
  try {
    return AnswerSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
