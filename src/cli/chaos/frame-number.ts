// Frames of a chaos run are numbered: the watcher keeps some bytes for each number instead of a map of ids.

const PREFIX = 'chaos-';

export function frameIdOfNumber(n: number): string {
  return `${PREFIX}${n}`;
}

/** The number in the id; null for what is none of ours. */
export function numberOfFrameId(id: string): number | null {
  const digits = id.startsWith(PREFIX) ? id.slice(PREFIX.length) : '';
  return /^\d{1,9}$/.test(digits) ? Number(digits) : null;
}
