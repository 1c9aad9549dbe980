// One hostile input, made from a seed and its number, and what becomes of it. Whatever is neither accepted nor refused with one of
// the two expected errors is a crash.
import fc from 'fast-check';
import { createSharpDecoder } from '../../src/adapters/codec/sharp-decoder.ts';
import { mutated, type Pick } from '../../src/cli/chaos/mutate.ts';
import type { FrameFormat, FrameRecord } from '../../src/core/frame-record.ts';
import { identityOf, parseFrameSpec } from '../../src/core/frame-spec.ts';
import { AnytimeError, messageOf } from '../../src/errors.ts';
import { randomNumbers } from '../helpers/random-bundle.ts';
import { anyHeaders } from './any-headers.ts';

/** accepted, a code of errors.ts, or "crash: …". */
export type Outcome = string;

const LIMITS = { width: 32, height: 32, maxPixels: 50_000_000, maxBytes: 16 * 1024 * 1024 };
const DEFAULTS = { deadlineMs: 1000, budget: 1, minConfidence: 0.9 };
const REFUSALS: ReadonlySet<string> = new Set(['bad-image', 'image-too-large', 'bad-header']);
/** A refusal goes into logs and headers: it may quote a little of the input. */
const MAX_MESSAGE_CHARS = 600;

const decoder = createSharpDecoder(LIMITS);

/** Input number `index` of `seed`: one in four is headers, one in sixteen raw pixels, the others images. */
export async function tryInput(images: readonly Buffer[], seed: number, index: number): Promise<Outcome> {
  const random = randomNumbers(seed * 1_000_003 + index);
  const pick: Pick = (below) => Math.floor(random() * below);
  try {
    if (index % 4 === 0) return tryHeaders(seed, index);
    const image = images[pick(images.length)] ?? Buffer.alloc(0);
    const bytes = pick(64) === 0 ? image : mutated(image, pick);
    const side = () => [0, 1, 5, 24, 65_535, 2 ** 31][pick(6)] ?? 0;
    const format: FrameFormat = index % 16 === 1 ? { kind: 'rgb24', width: side(), height: side() } : { kind: 'image' };
    const pixels = await decoder.decode(bytes, format, null);
    return pixels.length === LIMITS.width * LIMITS.height * 3 ? 'accepted' : `crash: ${pixels.length} bytes of pixels`;
  } catch (error) {
    return refusal(error);
  }
}

function tryHeaders(seed: number, index: number): Outcome {
  const [headers = {}] = fc.sample(anyHeaders, { seed: seed * 1_000_003 + index, numRuns: 1 });
  const record: FrameRecord = {
    ...{ topic: 'frames', partition: 0, offset: 1n, epoch: 1, key: null, value: null, timestamp: 1_700_000_000_000 },
    headers,
  };
  const identity = identityOf(record, DEFAULTS); // what a dead letter is named by: must hold whatever came
  if (identity.id.length > 1024) return `crash: an id of ${identity.id.length} characters`;
  const { deadline, budget, priority } = parseFrameSpec(record, DEFAULTS);
  const isSound = Number.isFinite(budget) && budget > 0 && priority >= 0 && priority <= 9;
  return isSound && (deadline === null || Number.isFinite(deadline)) ? 'accepted' : 'crash: a figure out of its bounds';
}

function refusal(error: unknown): Outcome {
  if (!(error instanceof AnytimeError) || !REFUSALS.has(error.code)) return `crash: ${messageOf(error)}`;
  return error.message.length > MAX_MESSAGE_CHARS
    ? `crash: a refusal of ${error.message.length} characters`
    : error.code;
}
