// A number with its noun, for people: "1 frame", "2 frames".

/** `noun` in the singular, of those that take an s. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
