// What strangers wrote cannot act on a terminal; what it says stays readable.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainText } from '../../../src/core/plain-text.ts';

test.each([
  ['cat 猫 🐈 “ä”', 'cat 猫 🐈 “ä”'],
  ['\x1b[2J\x1b]0;title\x07', '\\u{1b}[2J\\u{1b}]0;title\\u{7}'],
  ['a\nb\r\tc', 'a\\u{a}b\\u{d}\\u{9}c'],
  ['\x9b31m\x7f', '\\u{9b}31m\\u{7f}'],
  ['gnp.\u202egpj', 'gnp.\\u{202e}gpj'],
  ['\ud800', '\\u{d800}'],
])('%j', (text, shown) => {
  expect(plainText(text)).toBe(shown);
});

test('leaves nothing that is not plain, and plain text as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const shown = plainText(text);
      expect(shown).not.toMatch(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u);
      expect(plainText(shown)).toBe(shown);
    }),
    { numRuns: 500 },
  );
});
