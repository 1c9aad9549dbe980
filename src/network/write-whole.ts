// Files that are whole or not there: whoever reads one never sees it half written.
import { open, rename, rm } from 'node:fs/promises';
import { AnytimeError, messageOf } from '../errors.ts';

export interface Written {
  readonly path: string;
  /** One after another. */
  readonly parts: readonly (string | Uint8Array)[];
}

/**
 * Each is written beside its place and, when all are on the disk, renamed, in this order: after a crash or where the disk is full a file is the
 * old one or the new one. Errors: bad-argument, with the path, where it cannot be written.
 */
export async function writeTogether(...files: readonly Written[]): Promise<void> {
  // of this process alone: of two that write one file each leaves a whole one
  const all = files.map((file) => ({ ...file, unfinished: `${file.path}.${process.pid}.unfinished` }));
  let at = '';
  try {
    for (const { path, parts, unfinished } of all) {
      at = path;
      await writeParts(unfinished, parts);
    }
    for (const { path, unfinished } of all) {
      at = path;
      await rename(unfinished, path);
    }
  } catch (cause) {
    await Promise.all(all.map(({ unfinished }) => rm(unfinished, { force: true }).catch(() => {}))); // why it failed matters more
    throw new AnytimeError('bad-argument', `Expected a place to write ${at}, got: ${messageOf(cause)}`, { cause });
  }
}

/** One file, as `writeTogether` does. */
export function writeWhole(path: string, ...parts: Written['parts']): Promise<void> {
  return writeTogether({ path, parts });
}

async function writeParts(path: string, parts: Written['parts']): Promise<void> {
  const file = await open(path, 'w');
  try {
    // writeFile goes on after a short write, from where it is; write would not
    for (const part of parts) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}
