// How many headers each record of a batch has, told from its bytes alone: what they cost can be known before anything is made of them.

/**
 * `records`: those of a record batch (magic 2), unpacked: each is its length and attributes, timestamp and offset deltas, key, value and
 * headers, with lengths as zigzag varints. Ends with the first record that is not whole: who reads it says what is wrong.
 */
export function* headerCounts(records: Buffer): Generator<number, void, undefined> {
  for (let at = 0; at < records.length; ) {
    const length = readVarint(records, at);
    const end = length.next + length.value;
    if (length.value <= 0 || end > records.length) return;
    const deltas = skipVarint(records, skipVarint(records, length.next + ATTRIBUTES_BYTES));
    const headers = readVarint(records, skipBytes(records, skipBytes(records, deltas)));
    yield headers.value;
    at = end;
  }
}

const ATTRIBUTES_BYTES = 1;

/** A length and that many bytes; none where it is negative. */
function skipBytes(bytes: Buffer, at: number): number {
  const { value, next } = readVarint(bytes, at);
  return next + Math.max(0, value);
}

function skipVarint(bytes: Buffer, from: number): number {
  let at = from;
  while ((bytes[at] ?? 0) & 0x80) at += 1;
  return at + 1;
}

/** Beyond the end come zeros. */
function readVarint(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  let raw = 0;
  let shift = 0;
  let next = at;
  for (let byte = 0x80; byte & 0x80 && shift <= 28; shift += 7, next++) {
    byte = bytes[next] ?? 0;
    raw |= (byte & 0x7f) << shift;
  }
  return { value: (raw >>> 1) ^ -(raw & 1), next };
}
