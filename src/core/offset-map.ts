// The settled offsets above a committed one, as text for the commit's metadata: whoever takes the partition over knows what is
// done already. The text holds the committed offset and a checksum too: a map that stands beside another offset (some tools copy
// metadata when they move or translate offsets) or came through damaged is not believed, because an offset wrongly called
// settled would be a frame lost. Reading no map only costs that finished frames are done again.
//
//   "a1r" or "a1b", then base64url of: committed offset (varint), body, FNV-1a of both (4 bytes)
//   body r: pairs of varints, offsets open and then offsets settled, going up from the committed one
//   body b: one bit an offset from the committed one on, lowest bit first, 1 = settled
import { isAmong, type OffsetRange } from './offset-ranges.ts';

export interface DecodedOffsetMap {
  /** Ascending, apart from each other. */
  readonly settled: readonly OffsetRange[];
  /** Why the text is not believed; null = it is, or there is none. */
  readonly problem: string | null;
}

const RUNS = 'a1r';
const BITS = 'a1b';
const CHECKSUM_BYTES = 4;
/** 64 bits, 7 to a byte. */
const LONGEST_VARINT = 10;

interface Body {
  readonly bytes: readonly number[] | Uint8Array;
  /** Settled offsets it tells of. */
  readonly covered: bigint;
}

/**
 * At most `maxBytes` long. `settled` is ascending, apart and above `committed`. Where it does not all fit, the lowest offsets are
 * told, and the rest not; '' when there is nothing to tell, or nothing fits.
 */
export function encodeOffsetMap(committed: bigint, settled: readonly OffsetRange[], maxBytes: number): string {
  const base = varint(committed);
  const room = Math.floor(((maxBytes - RUNS.length) * 3) / 4) - base.length - CHECKSUM_BYTES;
  if (settled.length === 0 || room <= 0) return '';
  const runs = asRuns(committed, settled, room);
  const bits = asBits(committed, settled, room);
  const isRuns = runs.covered === bits.covered ? runs.bytes.length <= bits.bytes.length : runs.covered > bits.covered;
  const { bytes, covered } = isRuns ? runs : bits;
  if (covered === 0n) return '';
  const content = Uint8Array.from([...base, ...bytes]);
  return (isRuns ? RUNS : BITS) + Buffer.from([...content, ...checksum(content)]).toString('base64url');
}

/** Whether an offset is settled by this commit: it is below, or the map beside it names it. */
export function settledBy(commit: {
  readonly offset: bigint;
  readonly metadata: string | null;
}): (offset: bigint) => boolean {
  const { settled } = decodeOffsetMap(commit.metadata, commit.offset);
  return (offset) => offset < commit.offset || isAmong(offset, settled);
}

/** The map of a commit's metadata; null or '' is an empty one. `committed` = the offset of the same commit. */
export function decodeOffsetMap(metadata: string | null, committed: bigint | null): DecodedOffsetMap {
  if (metadata === null || metadata === '') return { settled: [], problem: null };
  const kind = metadata.slice(0, RUNS.length);
  const text = metadata.slice(RUNS.length);
  if (kind !== RUNS && kind !== BITS)
    return unreadable(`to begin with ${RUNS} or ${BITS}, got ${JSON.stringify(metadata.slice(0, 40))}`);
  const all = Buffer.from(text, 'base64url');
  const content = all.subarray(0, -CHECKSUM_BYTES);
  if (all.toString('base64url') !== text || !checksum(content).equals(all.subarray(-CHECKSUM_BYTES)))
    return unreadable('to be whole, got one whose checksum differs');
  const base = varints(content.subarray(0, LONGEST_VARINT))[0];
  if (base === undefined || base !== committed)
    return unreadable(`to belong to the committed offset ${committed}, got one of ${base}`);
  const body = content.subarray(varint(base).length);
  const settled = kind === RUNS ? fromRuns(base, varints(body)) : fromBits(base, body);
  return { settled, problem: null };
}

function unreadable(what: string): DecodedOffsetMap {
  return { settled: [], problem: `Expected an offset map ${what}` };
}

function asRuns(committed: bigint, settled: readonly OffsetRange[], room: number): Body {
  const bytes: number[] = [];
  let at = committed;
  let covered = 0n;
  for (const { from, to } of settled) {
    const run = [...varint(from - at), ...varint(to - from)];
    if (bytes.length + run.length > room) break;
    bytes.push(...run);
    covered += to - from;
    at = to;
  }
  return { bytes, covered };
}

function fromRuns(committed: bigint, numbers: readonly bigint[]): OffsetRange[] {
  const settled: OffsetRange[] = [];
  let at = committed;
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    const from = at + (numbers[i] ?? 0n);
    at = from + (numbers[i + 1] ?? 0n);
    settled.push({ from, to: at });
  }
  return settled;
}

function asBits(committed: bigint, settled: readonly OffsetRange[], room: number): Body {
  const last = (settled.at(-1)?.to ?? committed) - committed;
  const length = Math.min(room, Number((last + 7n) / 8n));
  const bytes = new Uint8Array(length);
  let covered = 0n;
  for (const range of settled) {
    const from = Number(range.from - committed);
    const to = Math.min(length * 8, Number(range.to - committed));
    for (let i = from; i < to; i++) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7));
    covered += BigInt(Math.max(0, to - from));
  }
  return { bytes, covered };
}

function fromBits(committed: bigint, bytes: Uint8Array): OffsetRange[] {
  const settled: OffsetRange[] = [];
  const isSet = (i: number) => (((bytes[i >> 3] ?? 0) >> (i & 7)) & 1) === 1;
  for (let i = 0; i < bytes.length * 8; i++) {
    if (!isSet(i)) continue;
    const from = i;
    while (isSet(i + 1)) i++;
    settled.push({ from: committed + BigInt(from), to: committed + BigInt(i + 1) });
  }
  return settled;
}

/** LEB128: seven bits a byte, lowest first, the high bit = more follow. */
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

function varints(bytes: Uint8Array): bigint[] {
  const values: bigint[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte > 0x7f) continue;
    values.push(value);
    value = 0n;
    shift = 0n;
  }
  return values;
}

/** FNV-1a, 32 bits. */
function checksum(bytes: Uint8Array): Buffer {
  let value = 0x811c9dc5;
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  const sum = Buffer.alloc(CHECKSUM_BYTES);
  sum.writeUInt32LE(value);
  return sum;
}
