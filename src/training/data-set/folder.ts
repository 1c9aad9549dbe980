// Data set in a folder: one folder of images per class, or images without labels side by side.
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AnytimeError, messageOf } from '../../errors.ts';
import { inOrder } from '../in-order.ts';
import { byName, type DataSet, isImageName, type LeftOut } from './frame.ts';
import { readImageFile } from './read-image-file.ts';

/** Files being read at once: on the libuv pool a single read would queue behind the decodes. */
const READ_AHEAD = 32;

interface Entry {
  readonly label: string | null;
  readonly name: string;
}

/**
 * Classes and files in name order; frames go round the classes (first of each, second of each …), so that any beginning
 * of the set is as mixed as the whole: streams and `--limit` want that. Errors: bad-data-set when there is no image.
 */
export async function openFolder(path: string): Promise<DataSet> {
  const { folders, images: flat, others: rest } = await contentsOf(path);
  const classes: { label: string; names: string[] }[] = [];
  const ignored: LeftOut[] = [];
  for (const label of folders) {
    const { folders: inner, images, others } = await contentsOf(join(path, label));
    if (images.length > 0) classes.push({ label, names: images });
    else ignored.push({ path: join(path, label), reason: 'Expected images in the folder of a class, got none' });
    for (const name of inner)
      ignored.push({ path: join(path, label, name), reason: 'Expected an image, got a folder inside that of a class' });
    ignored.push(...others);
  }
  if (classes.length === 0 && flat.length === 0) {
    const hint = folders.length > 0 ? `; did you mean ${join(path, folders[0] ?? '')}?` : '';
    throw new AnytimeError(
      'bad-data-set',
      `Expected ${path} to hold one folder of images per class, or images, or tar shards; got ${folders.length + rest.length} other entries${hint}`,
    );
  }
  if (classes.length > 0 && flat.length > 0) {
    const example = join(path, flat[0] ?? '');
    throw new AnytimeError(
      'bad-data-set',
      `Expected ${path} to hold either class folders or images, got both: ${classes.length} class folders and ${example}`,
    );
  }
  const entries: Entry[] = classes.length > 0 ? [...roundRobin(classes)] : flat.map((name) => ({ label: null, name }));
  return {
    classes: classes.length > 0 ? classes.map(({ label }) => label) : null,
    count: entries.length,
    ignored,
    async *frames(leaveOut) {
      const read = inOrder(entries.length, READ_AHEAD, async (index) => {
        const { label, name } = entries[index] as Entry;
        const id = join(label ?? '', name);
        const file = join(path, id);
        const bytes = await readImageFile(file).catch((error: unknown) => {
          if (leaveOut === undefined) throw error;
          return { path: file, reason: messageOf(error) };
        });
        return { id, label, isIndexAllowed: false, bytes, path: file };
      });
      for await (const { bytes, ...frame } of read)
        if ('reason' in bytes) leaveOut?.(bytes);
        else yield { ...frame, bytes };
    },
  };
}

/** The first image that lies in a folder or in one of its class folders, by its path; null where there is none. */
export async function firstImageIn(path: string): Promise<string | null> {
  const { folders, images } = await contentsOf(path);
  if (images[0] !== undefined) return join(path, images[0]);
  for (const name of folders) {
    const [image] = (await contentsOf(join(path, name))).images;
    if (image !== undefined) return join(path, name, image);
  }
  return null;
}

/** Names of what lies in a folder, hidden entries apart, each in name order. Errors: bad-data-set where it cannot be read. */
async function contentsOf(path: string): Promise<{ folders: string[]; images: string[]; others: LeftOut[] }> {
  const listing = await readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
    throw new AnytimeError(
      'bad-data-set',
      `Expected ${path} to be a folder that can be read, got: ${messageOf(cause)}`,
      { cause },
    );
  });
  const entries = listing.filter(({ name }) => !name.startsWith('.')).sort((a, b) => byName(a.name, b.name));
  const [folders, images, others]: [string[], string[], LeftOut[]] = [[], [], []];
  for (const entry of entries) {
    const kind = await kindOf(entry, path);
    if (kind === 'folder') folders.push(entry.name);
    else if (kind === 'file' && isImageName(entry.name)) images.push(entry.name);
    else
      others.push({
        path: join(path, entry.name),
        reason: `Expected an image by its name, got ${kind === null ? KINDLESS : 'another file'}`,
      });
  }
  return { folders, images, others };
}

const KINDLESS = 'a link that leads nowhere, a pipe or a device';

/** Null for a pipe and a device, which can be read for ever. A link is what it leads to. */
async function kindOf(entry: Dirent, path: string): Promise<'file' | 'folder' | null> {
  const found = entry.isSymbolicLink() ? await stat(join(path, entry.name)).catch(() => null) : entry;
  if (found?.isDirectory()) return 'folder';
  return found?.isFile() ? 'file' : null;
}

function* roundRobin(classes: readonly { label: string; names: string[] }[]): Generator<Entry> {
  const longest = Math.max(...classes.map(({ names }) => names.length));
  for (let i = 0; i < longest; i++) {
    for (const { label, names } of classes) {
      const name = names[i];
      if (name !== undefined) yield { label, name };
    }
  }
}
