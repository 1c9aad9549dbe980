// Opens whatever a path holds as a data set: class folders, a flat folder, one image, a tar, a folder of tars.
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AnytimeError } from '../../errors.ts';
import { firstImageIn, openFolder } from './folder.ts';
import { byName, type DataSet, isImageName, type LeftOut } from './frame.ts';
import { readImageFile } from './read-image-file.ts';
import { isTarName, tarFrames } from './tar.ts';

/** Errors: bad-data-set when there is nothing at the path, nothing that is read, or tars and images side by side. */
export async function openDataSet(path: string): Promise<DataSet> {
  const found = await stat(path).catch(() => null);
  if (found === null) {
    throw new AnytimeError('bad-data-set', `Expected a folder, an image or a tar at ${path}, got nothing there`);
  }
  if (found.isDirectory()) {
    const shards = (await readdir(path)).filter((name) => isTarName(name) && !name.startsWith('.')).sort(byName);
    if (shards.length === 0) return await openFolder(path);
    const image = await firstImageIn(path);
    if (image !== null) {
      throw new AnytimeError(
        'bad-data-set',
        `Expected ${path} to hold either tar shards or images, got both: ${shards.length} tar shards and ${image}`,
      );
    }
    return openTars(shards.map((name) => join(path, name)));
  }
  if (!found.isFile())
    throw new AnytimeError('bad-data-set', `Expected a folder, an image or a tar at ${path}, got a pipe or a device`);
  if (isTarName(path)) return openTars([path]);
  if (isImageName(path)) return openFile(path);
  throw new AnytimeError('bad-data-set', `Expected a folder, an image or a tar at ${path}, got ${basename(path)}`);
}

function openTars(paths: readonly string[]): DataSet {
  const ignored: LeftOut[] = [];
  return {
    classes: null,
    count: null,
    ignored,
    async *frames() {
      ignored.length = 0;
      for (const path of paths) {
        // shards may use the same names inside: the shard's name keeps ids apart
        const prefix = paths.length > 1 ? `${basename(path)}/` : '';
        for await (const frame of tarFrames(path, (leftOut) => ignored.push(leftOut)))
          yield { ...frame, id: prefix + frame.id };
      }
    },
  };
}

function openFile(path: string): DataSet {
  return {
    classes: null,
    count: 1,
    ignored: [],
    async *frames() {
      yield { id: basename(path), label: null, isIndexAllowed: false, bytes: await readImageFile(path), path };
    },
  };
}
