// The record of frame n of a run: a good frame of the pool, or a poisonous one made for it.
import sharp from 'sharp';
import { encodeHeaders } from '../../core/envelope.ts';
import type { OutgoingRecord } from '../../ports.ts';
import { random } from '../../training/random.ts';
import type { FramePool } from '../frame-pool.ts';
import { ASK_NOTHING, frameRecordOf } from '../frame-record-of.ts';
import { COLOURS, type Order } from './fault-pixels.ts';
import { frameIdOfNumber } from './frame-number.ts';
import type { Poison } from './poison.ts';

/** Each breaks the contract in its own way. */
const BAD_HEADERS: readonly Readonly<Record<string, string>>[] = [
  { deadline: 'soon' },
  { budget: '-1' },
  { 'max-stage': '1.5' },
  { priority: '11' },
  { 'min-confidence': '2' },
  { 'content-type': 'text/html' },
  { traceparent: '00-zz' },
  { 'content-type': 'application/x-raw-rgb24', width: '4' },
];
/** One good frame in so many has a deadline of its own; the others have none, and wait out whatever happens. */
const DEADLINE_EVERY = 4;
const DEADLINE_MS = 3000;

export interface FrameMaker {
  record(n: number, poison: Poison | null, dueAt: number): OutgoingRecord;
}

/** A small PNG of the order's colour. */
export async function colourImage(order: Order): Promise<Buffer> {
  const [r, g, b] = COLOURS[order];
  const create = { width: 8, height: 8, channels: 3 as const, background: { r, g, b } };
  return await sharp({ create }).png().toBuffer();
}

export async function frameMaker(pool: FramePool, seed: number): Promise<FrameMaker> {
  const images = {
    'crashes-engine': await colourImage('crashes-engine'),
    'hangs-engine': await colourImage('hangs-engine'),
    'kills-worker': await colourImage('kills-worker'),
  };
  return {
    record(n, poison, dueAt) {
      const { bytes } = pool.at(n);
      const frame = { id: frameIdOfNumber(n), label: null };
      if (poison === null) {
        const deadlineMs = n % DEADLINE_EVERY === 0 ? DEADLINE_MS : null;
        return frameRecordOf({ ...frame, bytes }, { ...ASK_NOTHING, deadlineMs }, dueAt);
      }
      if (poison === 'bad-header') {
        const record = frameRecordOf({ ...frame, bytes }, ASK_NOTHING, dueAt);
        return {
          ...record,
          headers: { ...record.headers, ...encodeHeaders(BAD_HEADERS[n % BAD_HEADERS.length] ?? {}) },
        };
      }
      const image = poison === 'not-an-image' ? brokenImage(bytes, random(seed, 'broken', n).next()) : images[poison];
      return frameRecordOf({ ...frame, bytes: image }, ASK_NOTHING, dueAt);
    },
  };
}

/** No bytes at all, bytes that are no image, or an image cut in its middle. */
function brokenImage(bytes: Uint8Array, draw: number): Uint8Array {
  if (draw < 0.2) return new Uint8Array();
  if (draw < 0.6) return Uint8Array.from({ length: 200 }, (_, i) => (i * 37 + Math.floor(draw * 1e6)) % 251);
  return bytes.subarray(0, Math.floor(bytes.length * 0.5));
}
