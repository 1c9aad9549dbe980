// Data set in a tar: WebDataset shards (KEY.jpg with KEY.cls or KEY.json beside it) or class folders packed up. Streamed:
// memory holds one sample at a time, whatever the size of the tar.
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Extract, extract } from 'tar-stream';
import { AnytimeError, messageOf } from '../../errors.ts';
import { isImageName, type LabelledFrame } from './frame.ts';

/** Largest entry read; a sample is an image and a few words. */
export const MAX_ENTRY_BYTES = 32 * 1024 * 1024;

/** Files of one sample share everything up to the first dot of the file name (WebDataset's rule). */
interface Sample {
  readonly key: string;
  image: { name: string; bytes: Buffer } | null;
  label: string | null;
}

/** True for names of tar files that are read: .tar, .tar.gz, .tgz. */
export function isTarName(path: string): boolean {
  return /\.(tar|tar\.gz|tgz)$/i.test(path);
}

/**
 * Frames of a tar in its order. The label is the content of KEY.cls, else `label`, `cls` or `class` in KEY.json, else the
 * folder the image lies in, else null. Errors: bad-data-set when the tar is damaged or an entry passes 32 MB.
 */
export async function* tarFrames(path: string): AsyncGenerator<LabelledFrame, void, undefined> {
  let sample: Sample | null = null;
  let failure: unknown = null; // why the streams stopped, said better than by the iterator they then end
  try {
    for await (const entry of openTar(path, (error) => (failure = error))) {
      const name = entry.header.name.replace(/^\.\//, '');
      const part = partOf(name);
      if (entry.header.type !== 'file' || part === null) {
        entry.resume();
        continue;
      }
      if (sample !== null && sample.key !== part.key) {
        yield* finish(sample, path);
        sample = null;
      }
      sample ??= { key: part.key, image: null, label: null };
      const bytes = await readEntry(entry, `${path}:${name}`);
      if (part.kind === 'image') sample.image ??= { name, bytes };
      else sample.label ??= part.kind === 'cls' ? bytes.toString('utf8').trim() : labelInJson(bytes, `${path}:${name}`);
    }
  } catch (cause) {
    if (cause instanceof AnytimeError) throw cause;
    throw new AnytimeError('bad-data-set', `Expected ${path} to be a whole tar, got: ${messageOf(failure ?? cause)}`, {
      cause,
    });
  }
  if (sample !== null) yield* finish(sample, path);
}

type Entry = Extract extends AsyncIterable<infer Source> ? Source : never;

function openTar(path: string, done: (error: unknown) => void): Extract {
  const entries = extract();
  if (/z$/i.test(path)) pipeline(createReadStream(path), createGunzip(), entries, done);
  else pipeline(createReadStream(path), entries, done);
  return entries;
}

function partOf(name: string): { key: string; kind: 'image' | 'cls' | 'json' } | null {
  const slash = name.lastIndexOf('/') + 1;
  const dot = name.indexOf('.', slash);
  if (dot <= slash) return null;
  const kind = isImageName(name) ? 'image' : /\.(cls|json)$/.exec(name)?.[1];
  return kind === 'image' || kind === 'cls' || kind === 'json' ? { key: name.slice(0, dot), kind } : null;
}

async function readEntry(entry: Entry, path: string): Promise<Buffer> {
  const size = entry.header.size ?? 0;
  if (size > MAX_ENTRY_BYTES) {
    throw new AnytimeError('bad-data-set', `Expected ${path} to have at most ${MAX_ENTRY_BYTES} bytes, got ${size}`);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function labelInJson(bytes: Buffer, path: string): string | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
    const label = fields['label'] ?? fields['cls'] ?? fields['class'] ?? null;
    return label === null ? null : String(label);
  } catch (cause) {
    throw new AnytimeError('bad-data-set', `Expected ${path} to be JSON, got: ${messageOf(cause)}`, { cause });
  }
}

function* finish(sample: Sample, path: string): Generator<LabelledFrame> {
  if (sample.image === null) return;
  const folders = sample.key.split('/').slice(0, -1);
  const label = sample.label ?? folders.at(-1) ?? null;
  const { name: id, bytes } = sample.image;
  yield { id, label, isIndexAllowed: sample.label !== null, bytes, path: `${path}:${id}` };
}
