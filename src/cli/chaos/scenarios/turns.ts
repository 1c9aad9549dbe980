// Streams that take turns on the same workers: which frame is sent in which turn, and when. Pure.

export interface Turn<Kind> {
  readonly kind: Kind;
  /** Frame numbers, the second exclusive. */
  readonly from: number;
  readonly to: number;
  /** Ms after the beginning of the first turn. */
  readonly beginMs: number;
  readonly endMs: number;
}

/** `streams`: how long each turn is, ms, and how many frames a second are sent in it, one turn after the other. */
export function turnsOf<Kind>(
  streams: readonly { readonly kind: Kind; readonly ms: number; readonly perSecond: number }[],
): Turn<Kind>[] {
  let [from, beginMs] = [0, 0];
  return streams.map(({ kind, ms, perSecond }) => {
    const turn = { kind, from, to: from + Math.round((ms * perSecond) / 1000), beginMs, endMs: beginMs + ms };
    [from, beginMs] = [turn.to, turn.endMs];
    return turn;
  });
}

/** Frames due `ms` after the beginning of the first turn. */
export function dueInTurns(turns: readonly Turn<unknown>[], ms: number): number {
  const turn = turns.find(({ endMs }) => ms < endMs);
  if (turn === undefined) return turns.at(-1)?.to ?? 0;
  return turn.from + Math.floor(((turn.to - turn.from) * Math.max(0, ms - turn.beginMs)) / (turn.endMs - turn.beginMs));
}

/** The kinds in the order of one round: each round begins with another, so that none always follows the same. */
export function rotated<Kind>(kinds: readonly Kind[], round: number): Kind[] {
  const by = round % kinds.length;
  return [...kinds.slice(by), ...kinds.slice(0, by)];
}
