// A JSON file of the study that may not be there yet.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** Its content; null when there is no such file, or it is no JSON: it is then made anew. */
export async function storedJson(path: string): Promise<unknown> {
  try {
    return existsSync(path) ? JSON.parse(await readFile(path, 'utf8')) : null;
  } catch {
    return null;
  }
}
