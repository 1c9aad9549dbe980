// Files that are whole or not there: whoever reads one never sees it half written.
import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AnytimeError, messageOf } from '../errors.ts';

export interface Written {
  readonly path: string;
  /** One after another. */
  readonly parts: readonly (string | Uint8Array)[];
}

/** After so long nobody is still writing it: it is of a process that was killed. */
const FORGOTTEN_AFTER_MS = 10 * 60_000;

/**
 * Each is written beside its place and, when all are on the disk, renamed, in this order: after a crash or where the disk is full a file is the
 * old one or the new one. What a killed process left beside them long ago is removed. Errors: cannot-write, with the path.
 */
export async function writeTogether(...files: readonly Written[]): Promise<void> {
  // names of this call alone: of two that write one file each leaves a whole one
  const all = files.map((file) => ({
    ...file,
    unfinished: `${file.path}.${randomBytes(4).toString('hex')}.unfinished`,
  }));
  let at = '';
  try {
    for (const { path, parts, unfinished } of all) {
      at = path;
      await removeForgotten(path);
      await writeParts(unfinished, parts);
    }
    for (const { path, unfinished } of all) {
      at = path;
      await rename(unfinished, path);
    }
  } catch (cause) {
    await Promise.all(all.map(({ unfinished }) => rm(unfinished, { force: true }).catch(() => {}))); // why it failed matters more
    throw new AnytimeError('cannot-write', `Expected a place to write ${at}, got: ${messageOf(cause)}`, { cause });
  }
}

/** One file, as `writeTogether` does. */
export function writeWhole(path: string, ...parts: Written['parts']): Promise<void> {
  return writeTogether({ path, parts });
}

async function removeForgotten(path: string): Promise<void> {
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`) || !name.endsWith('.unfinished')) continue;
    const left = join(dirname(path), name);
    const at = (await stat(left).catch(() => null))?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (at < Date.now() - FORGOTTEN_AFTER_MS) await rm(left, { force: true });
  }
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
