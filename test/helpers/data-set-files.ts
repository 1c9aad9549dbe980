// Small data sets on disk for the tests: images of one colour, folders and tars of them.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { pack } from 'tar-stream';
import { afterAll } from 'vitest';

/** A new folder that is removed after the test file. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'anytime-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A PNG of one grey level. */
export async function greyPng(level: number, side = 4): Promise<Buffer> {
  const background = { r: level, g: level, b: level };
  return await sharp({ create: { width: side, height: side, channels: 3, background } })
    .png()
    .toBuffer();
}

/** Write files, folders as needed; returns the root. */
export async function writeTree(root: string, files: Readonly<Record<string, Buffer | string>>): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return root;
}

/** The bytes of a tar with these entries in this order. */
export async function tarOf(entries: readonly (readonly [name: string, content: Buffer | string])[]): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of entries) tar.entry({ name }, content);
  tar.finalize();
  return await buffer(tar as unknown as AsyncIterable<Uint8Array> as never);
}
