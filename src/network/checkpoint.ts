// Checkpoint: everything a training needs to go on exactly, in one file. Layout: 8 bytes magic, 4 bytes length of the header (little-endian),
// header (JSON), then the tensors as float32 one after another. Written to a temporary file and renamed, so that a crash leaves the old one.
import { readFile } from 'node:fs/promises';
import { AnytimeError, messageOf } from '../errors.ts';
import { writeWhole } from './write-whole.ts';

const MAGIC = 'ANYTCKP1';
const START_BYTES = MAGIC.length + 4;

export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface Checkpoint {
  /** Plain JSON: what was asked for and how far it came. */
  readonly state: unknown;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Write atomically: after a crash, or where the disk is full, the file is the old one or the new one, whole. Errors: those of `writeWhole`. */
export async function writeCheckpoint(path: string, { state, tensors }: Checkpoint): Promise<void> {
  const list = [...tensors].map(([name, { shape }]) => ({ name, shape }));
  const header = Buffer.from(JSON.stringify({ state, tensors: list }));
  const start = Buffer.alloc(START_BYTES);
  start.write(MAGIC, 'latin1');
  start.writeUInt32LE(header.length, MAGIC.length);
  const values = [...tensors.values()].map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  await writeWhole(path, start, header, ...values);
}

/** Errors: bad-argument when the file is missing, no checkpoint, or cut short, or its header is damaged. */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new AnytimeError('bad-argument', `Expected a checkpoint at ${path}: ${messageOf(cause)}`, { cause });
  });
  if (bytes.length < START_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw new AnytimeError('bad-argument', `Expected ${path} to begin as a checkpoint (${MAGIC}), it does not`);
  }
  const length = bytes.readUInt32LE(MAGIC.length);
  if (START_BYTES + length > bytes.length) throw cutShort(path, 'its header', bytes.length);
  const header = headerIn(path, bytes.toString('utf8', START_BYTES, START_BYTES + length));
  const tensors = new Map<string, StoredTensor>();
  let at = START_BYTES + length;
  for (const { name, shape } of header.tensors) {
    const size = shape.reduce((product, n) => product * n, 4);
    if (at + size > bytes.length) throw cutShort(path, name, bytes.length);
    const data = new Float32Array(bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + size));
    tensors.set(name, { shape, data });
    at += size;
  }
  return { state: header.state, tensors };
}

function headerIn(path: string, text: string): { state: unknown; tensors: { name: string; shape: number[] }[] } {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `Expected the header of ${path} to be JSON, it is damaged: ${messageOf(cause)}`;
    throw new AnytimeError('bad-argument', message, { cause });
  }
}

function cutShort(path: string, what: string, bytes: number): AnytimeError {
  return new AnytimeError('bad-argument', `Expected ${path} to hold ${what} whole, it is cut short at ${bytes} bytes`);
}
