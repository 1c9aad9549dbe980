// Data set in a tar: WebDataset shards (KEY.jpg with KEY.cls or KEY.json beside it) or class folders packed up. Streamed:
// memory holds one sample at a time, of it MOST_VIEWS images at most, whatever the size of the tar.
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Extract, extract } from 'tar-stream';
import { AnytimeError, messageOf } from '../../errors.ts';
import { isImageName, type LabelledFrame, type LeftOut } from './frame.ts';

/** Largest entry read; a sample is an image and a few words. */
export const MAX_ENTRY_BYTES = 32 * 1024 * 1024;

/** Images under one key that are held until it is known whether a label comes with them. */
const MOST_VIEWS = 16;

/** Files of one sample share everything up to the first dot of the file name (WebDataset's rule). */
interface Sample {
  readonly key: string;
  readonly images: Image[];
  label: string | null;
  /** Images of it were handed out without a label of theirs. */
  isBegun: boolean;
}

interface Image {
  readonly name: string;
  readonly bytes: Buffer;
}

/** True for names of tar files that are read: .tar, .tar.gz, .tgz. */
export function isTarName(path: string): boolean {
  return /\.(tar|tar\.gz|tgz)$/i.test(path);
}

/**
 * Frames of a tar in its order. The label is the content of KEY.cls, else `label`, `cls` or `class` in KEY.json, else the
 * folder the image lies in, else null. Of several images with one KEY and a label the first is the frame, and `ignore` is told of the
 * others; without a label each is a frame (class folders, whose names may hold dots). Errors: bad-data-set when the tar is damaged, an entry
 * passes 32 MB, or a label comes after more than 16 images of its KEY.
 */
export async function* tarFrames(
  path: string,
  ignore: (leftOut: LeftOut) => void = () => {},
): AsyncGenerator<LabelledFrame, void, undefined> {
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
        yield* finish(sample, path, ignore);
        sample = null;
      }
      sample ??= { key: part.key, images: [], label: null, isBegun: false };
      const place = `${path}:${name}`;
      const bytes = await readEntry(entry, place);
      if (part.kind === 'image') yield* addImage(sample, { name, bytes }, path, ignore);
      else addLabel(sample, part.kind === 'cls' ? bytes.toString('utf8').trim() : labelInJson(bytes, place), place);
    }
  } catch (cause) {
    if (cause instanceof AnytimeError) throw cause;
    throw new AnytimeError('bad-data-set', `Expected ${path} to be a whole tar, got: ${messageOf(failure ?? cause)}`, {
      cause,
    });
  }
  if (sample !== null) yield* finish(sample, path, ignore);
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

/** What cannot be held until the sample ends goes out, or is ignored. */
function* addImage(
  sample: Sample,
  image: Image,
  path: string,
  ignore: (leftOut: LeftOut) => void,
): Generator<LabelledFrame> {
  sample.images.push(image);
  if (sample.images.length <= MOST_VIEWS) return;
  if (sample.label !== null) return ignoreView(sample.images.pop() as Image, path, ignore);
  sample.isBegun = true;
  yield frameOf(sample, sample.images.shift() as Image, path);
}

function addLabel(sample: Sample, label: string | null, place: string): void {
  if (label !== null && sample.isBegun)
    throw new AnytimeError(
      'bad-data-set',
      `Expected ${place} within ${MOST_VIEWS} images of its name up to the first dot, got it after more: put it before them`,
    );
  sample.label ??= label === '' ? null : label; // an empty word is no class
}

function* finish(sample: Sample, path: string, ignore: (leftOut: LeftOut) => void): Generator<LabelledFrame> {
  const [first, ...others] = sample.images;
  if (first === undefined) return;
  yield frameOf(sample, first, path);
  for (const image of others) {
    if (sample.label === null) yield frameOf(sample, image, path);
    else ignoreView(image, path, ignore);
  }
}

function ignoreView({ name }: Image, path: string, ignore: (leftOut: LeftOut) => void): void {
  ignore({ path: `${path}:${name}`, reason: 'Expected one image beside a label, got another before it' });
}

function frameOf({ key, label }: Sample, { name: id, bytes }: Image, path: string): LabelledFrame {
  const folder = key.split('/').at(-2) ?? null;
  return { id, label: label ?? folder, isIndexAllowed: label !== null, bytes, path: `${path}:${id}` };
}
