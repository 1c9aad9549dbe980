// Entries out of a zip file, stored and deflated.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { readZipEntry } from '../../../../../src/adapters/system/services/zip-entry.ts';

const folder = mkdtempSync(join(tmpdir(), 'anytime-zip-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A zip file by the book (PKWARE APPNOTE 4.3): local headers with contents, the directory, its end. */
function zip(entries: { name: string; content: Buffer; isDeflated: boolean; extra?: Buffer }[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content, isDeflated, extra = Buffer.alloc(0) } of entries) {
    const data = isDeflated ? deflateRawSync(content) : content;
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(isDeflated ? 8 : 0, 4);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(data.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(Buffer.byteLength(name), 22);
    shared.writeUInt16LE(extra.length, 24);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), shared, Buffer.from(name), extra, data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), shared, rest, Buffer.from(name), extra]));
    locals.push(local);
    at += local.length;
  }
  const entriesBytes = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt32LE(entriesBytes.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...locals, entriesBytes, Buffer.from('PK\x05\x06'), end]);
}

const path = join(folder, 'some.jar');
writeFileSync(
  path,
  zip([
    { name: 'META-INF/MANIFEST.MF', content: Buffer.from('Manifest-Version: 1.0'), isDeflated: false },
    { name: 'ünï/server', content: Buffer.alloc(100_000, 'redis'), isDeflated: true, extra: Buffer.alloc(9) },
    { name: 'last', content: Buffer.from('end'), isDeflated: true },
  ]),
);

test('reads stored and deflated entries, wherever they lie', async () => {
  const read = (name: string) => readZipEntry(path, (one) => one === name);
  expect((await read('META-INF/MANIFEST.MF')).toString()).toBe('Manifest-Version: 1.0');
  expect((await read('ünï/server')).equals(Buffer.alloc(100_000, 'redis'))).toBe(true);
  expect((await read('last')).toString()).toBe('end');
});

test('an entry that is not there, or a file that is no zip, is an error that names the file', async () => {
  await expect(readZipEntry(path, () => false)).rejects.toThrow(`Expected an entry for this machine in ${path}`);
  const text = join(folder, 'text');
  writeFileSync(text, 'hello');
  await expect(readZipEntry(text, () => true)).rejects.toThrow(`Expected ${text} to be a zip file`);
});
