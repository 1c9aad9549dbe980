// Text files that are whole or not there: whoever reads one never sees it half written.
import { rename, writeFile } from 'node:fs/promises';

/** Written beside its place and renamed, so that after a crash the file is the old one or the new one. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const unfinished = `${path}.unfinished`;
  await writeFile(unfinished, text);
  await rename(unfinished, path);
}
