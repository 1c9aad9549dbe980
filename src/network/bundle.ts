// Bundles on disk: a folder with model.json, the weights and README.md (the model card). Reading checks all of it.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { MinConfidence } from '../core/exit-policy.ts';
import { messageOf } from '../errors.ts';
import { readRegularFile } from '../read-regular-file.ts';
import { badBundle } from './bad-bundle.ts';
import { calibratedCard } from './calibrated-card.ts';
import { checkModel } from './check-model.ts';
import type { Model } from './model.ts';
import { tensorShapes } from './shapes.ts';
import { decodeWeights, encodeWeights, type WeightTensor } from './weights-file.ts';
import { writeTogether, writeWhole } from './write-whole.ts';

export type { WeightTensor } from './weights-file.ts';

/** A model and its weights; `tensors` has exactly the names and shapes of `tensorShapes`, all values finite. */
export interface Bundle {
  readonly model: Model;
  readonly tensors: ReadonlyMap<string, WeightTensor>;
}

const MODEL_FILE = 'model.json';
const WEIGHTS_FILE = 'weights.bin';
const CARD_FILE = 'README.md';
const MAX_MODEL_BYTES = 4 * 1024 ** 2;
const MAX_CARD_BYTES = 4 * 1024 ** 2;
const MAX_WEIGHTS_BYTES = 512 * 1024 ** 2;

/** Whether a bundle lies in this folder, good or bad. */
export function holdsBundle(folder: string): boolean {
  return existsSync(join(folder, MODEL_FILE));
}

/** Only the description, without reading the weights. Errors: bad-bundle, one clear message. */
export async function readModel(folder: string): Promise<Model> {
  const path = join(folder, MODEL_FILE);
  const text = (await readBounded(folder, MODEL_FILE, MAX_MODEL_BYTES)).toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw badBundle(path, `Expected JSON, got something else (${messageOf(cause)})`, cause);
  }
  return checkModel(json, path);
}

/** The whole bundle, checked: nothing missing, truncated, foreign or corrupt. Errors: bad-bundle, one clear message. */
export async function readBundle(folder: string): Promise<Bundle> {
  const model = await readModel(folder);
  const { file, bytes, sha256 } = model.weights;
  const path = join(folder, file);
  const weights = await readBounded(folder, file, MAX_WEIGHTS_BYTES);
  if (weights.length !== bytes) throw badBundle(path, `Expected ${bytes} bytes, got ${weights.length}`);
  const sum = sha256Of(weights);
  if (sum !== sha256) throw badBundle(path, `Expected SHA-256 ${sha256}, got ${sum}: the file was changed or damaged`);
  return { model, tensors: decodeWeights(weights, model.weights, path) };
}

/**
 * Write a bundle that `readBundle` accepts: `tensors` must be those of `tensorShapes(network, classes)`. float16 rounds the
 * weights to half precision. What lay there is replaced when all of it is on the disk, model.json last.
 * Returns the model as written. Errors: bad-bundle when the parts do not agree or a value is too large for the type.
 */
export async function writeBundle(
  folder: string,
  description: Omit<Model, 'weights'>,
  tensors: ReadonlyMap<string, WeightTensor>,
  card: string,
  dtype: Model['weights']['dtype'],
): Promise<Model> {
  const names = [...tensorShapes(description.network, description.classes.length).keys()];
  const extra = [...tensors.keys()].filter((name) => !names.includes(name));
  // What the network has no use for is listed too, so that the check refuses it by name.
  const listed = [...names, ...extra].flatMap((name) => {
    const tensor = tensors.get(name);
    return tensor ? [{ name, shape: [...tensor.shape] }] : [];
  });
  const bytes = encodeWeights(listed, tensors, dtype, folder);
  const weights = { file: WEIGHTS_FILE, bytes: bytes.length, sha256: sha256Of(bytes), dtype, tensors: listed };
  const model = checkModel({ ...description, weights }, folder);
  await mkdir(folder, { recursive: true });
  const file = (name: string, content: string | Uint8Array) => ({ path: join(folder, name), parts: [content] });
  await writeTogether(file(WEIGHTS_FILE, bytes), file(CARD_FILE, card), file(MODEL_FILE, textOf(model)));
  return model;
}

/** What calibrating anew changes: the confidence at which frames leave early by default, and with the answer rule the tables. */
export interface Calibration extends Partial<Pick<Model, 'answer' | 'quality'>> {
  /** One for all exits or one per exit. */
  readonly defaultMinConfidence: MinConfidence;
  readonly calibration: NonNullable<Model['calibration']>;
}

/**
 * Change that, and say so on the card; the rest stays as it is. `weightsSha256`: of the weights that were calibrated. Errors: bad-bundle, also
 * where the bundle has other weights by now.
 */
export async function writeCalibration(
  folder: string,
  calibration: Calibration,
  weightsSha256: string,
): Promise<Model> {
  const before = await readModel(folder);
  if (before.weights.sha256 !== weightsSha256)
    throw badBundle(
      join(folder, MODEL_FILE),
      `Expected the weights that were calibrated, SHA-256 ${weightsSha256}, got ${before.weights.sha256}: the bundle was replaced meanwhile, calibrate it again`,
    );
  const model = checkModel({ ...before, ...calibration }, folder);
  if (existsSync(join(folder, CARD_FILE))) {
    const card = (await readBounded(folder, CARD_FILE, MAX_CARD_BYTES)).toString('utf8');
    await writeWhole(join(folder, CARD_FILE), calibratedCard(card, model));
  }
  await writeWhole(join(folder, MODEL_FILE), textOf(model));
  return model;
}

function textOf(model: Model): string {
  return `${JSON.stringify(model, null, 2)}\n`;
}

/** A file of the bundle's own folder, at most `maxBytes` long. */
async function readBounded(folder: string, file: string, maxBytes: number): Promise<Buffer> {
  const path = join(folder, file);
  try {
    const [real, home] = await Promise.all([realpath(path), realpath(folder)]);
    if (dirname(real) !== home) throw badBundle(path, `Expected a file inside the bundle's folder, got ${real}`);
    const bytes = await readRegularFile(real, (size) => {
      if (size > maxBytes) throw badBundle(path, `Expected at most ${maxBytes} bytes, got ${size}`);
      return size;
    });
    if (!bytes) throw badBundle(path, 'Expected a file, got a folder, pipe or device');
    return bytes;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'bad-bundle') throw cause;
    const got = code === 'ENOENT' ? 'nothing there' : messageOf(cause);
    throw badBundle(path, `Expected a readable file of a bundle, got ${got}`, cause);
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
