// Why a text is not the JSON that a schema wants, for people. Pure.
import { z } from 'zod';
import { messageOf } from '../errors.ts';

/** What a schema found, a line for each finding; of anything else its message. */
export function parseMessageOf(thrown: unknown): string {
  return thrown instanceof z.ZodError ? z.prettifyError(thrown) : messageOf(thrown);
}
