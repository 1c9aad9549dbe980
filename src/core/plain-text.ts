// Text of strangers (ids, labels, header values, error messages) made fit to be shown: nothing in it can move a cursor, colour a
// terminal, end a line, or turn the direction of writing.

/** Control characters, line separators, and the marks that turn the direction of writing (Trojan Source, CVE-2021-42574). */
const NOT_PLAIN = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** On one line; what is not plain is shown as \u{1b}. */
export function plainText(text: string): string {
  return text.replace(NOT_PLAIN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
