// What a schema found is told in lines for people, anything else by its own message.
import { expect, it } from 'vitest';
import { z } from 'zod';
import { parseMessageOf } from '../../../src/core/parse-message.ts';

it('tells what a schema found, and where', () => {
  const { error } = z.object({ width: z.int() }).safeParse({ width: 'five' });
  expect(parseMessageOf(error)).toMatch(/expected.*received string[\s\S]*width/);
  expect(parseMessageOf(error)).not.toContain('{');
});

it('tells anything else by its message', () => expect(parseMessageOf(new SyntaxError('no JSON'))).toBe('no JSON'));
