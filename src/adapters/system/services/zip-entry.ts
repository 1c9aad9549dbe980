// One entry out of a zip file (a jar is one), with nothing but zlib.
import { open } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import { AnytimeError } from '../../../errors.ts';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const DEFLATED = 8;

/** Content of the first entry whose name `matches`. Layout: PKWARE APPNOTE 4.3, without zip64. */
export async function readZipEntry(path: string, matches: (name: string) => boolean): Promise<Buffer> {
  const file = await open(path);
  try {
    const bytes = await file.readFile();
    const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
    if (end < 0 || bytes.readUInt32LE(end) !== END_OF_DIRECTORY) {
      throw new AnytimeError('bad-argument', `Expected ${path} to be a zip file, found no directory in it`);
    }
    let at = bytes.readUInt32LE(end + 16);
    while (at + 46 <= end && bytes.readUInt32LE(at) === DIRECTORY_ENTRY) {
      const nameLength = bytes.readUInt16LE(at + 28);
      const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
      if (matches(name)) return contentOf(bytes, at);
      at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    }
    throw new AnytimeError('bad-argument', `Expected an entry for this machine in ${path}, found none`);
  } finally {
    await file.close();
  }
}

function contentOf(bytes: Buffer, entry: number): Buffer {
  const method = bytes.readUInt16LE(entry + 10);
  const size = bytes.readUInt32LE(entry + 20);
  const local = bytes.readUInt32LE(entry + 42);
  const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  const content = bytes.subarray(start, start + size);
  return method === DEFLATED ? inflateRawSync(content) : Buffer.from(content);
}
