// Numbers as people write them. Pure.

/** The number that a text is in decimal, or null: what `Number` makes of an empty text, of 0x10 or of Infinity is none. */
export function decimal(text: string): number | null {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : null;
}
