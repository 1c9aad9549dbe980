// Headers of a frame: what is taken over, what is a default, what is refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FrameDefaults, identityOf, parseFrameSpec } from '../../../src/core/frame-spec.ts';
import type { AnytimeError } from '../../../src/errors.ts';
import { anyHeaders } from '../../fuzz/any-headers.ts';
import { frameRecord, utf8 } from '../../helpers/records.ts';

const defaults = { deadlineMs: 1000, budget: 1, minConfidence: 0.9 };
const parse = (headers: Record<string, string>, by: FrameDefaults = defaults) =>
  parseFrameSpec(
    frameRecord({
      partition: 3,
      offset: 42n,
      timestamp: 5000,
      headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, utf8(text)])),
    }),
    by,
  );

describe('parseFrameSpec', () => {
  it('gives a bare frame its place as id, and the defaults', () => {
    expect(parse({})).toEqual({
      id: 'frames-3-42',
      storeKey: 'frames-3-42@5000',
      source: 'frames',
      format: { kind: 'image' },
      deadline: 6000,
      budget: 1,
      minConfidence: 0.9,
      maxStage: null,
      priority: 0,
      traceparent: null,
    });
  });

  it('takes over what the headers say', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const spec = parse({
      ce_id: 'a1',
      ce_source: 'camera/7',
      ce_specversion: '1.0',
      ce_time: '2026-01-02T03:04:05Z',
      'content-type': 'application/x-raw-rgb24',
      width: '32',
      height: '24',
      'deadline-ms': '250',
      budget: '0.4',
      'min-confidence': '0.5',
      'max-stage': '3',
      priority: '9',
      traceparent,
    });
    expect(spec).toEqual({
      id: 'a1',
      storeKey: 'a1',
      source: 'camera/7',
      format: { kind: 'rgb24', width: 32, height: 24 },
      deadline: 5250,
      budget: 0.4,
      minConfidence: 0.5,
      maxStage: 3,
      priority: 9,
      traceparent,
    });
  });

  it("takes a bundle's confidences, one per exit, unless the frame says its own", () => {
    const bundle = { ...defaults, minConfidence: [0.9, 0.7] };
    expect(parse({}, bundle).minConfidence).toEqual([0.9, 0.7]);
    expect(parse({ 'min-confidence': '0.5' }, bundle).minConfidence).toBe(0.5);
  });

  it('counts an absolute deadline from nothing', () => {
    expect(parse({ deadline: '7777' }).deadline).toBe(7777);
  });

  it.each([
    ['budget', 'fast', 'Expected header `budget` to be a number of passes above 0, got "fast"'],
    ['budget', '0', 'a number of passes above 0'],
    ['budget', 'Infinity', 'a number of passes above 0'],
    ['budget', '', 'a number of passes above 0'],
    ['deadline', 'tomorrow', 'a time in epoch milliseconds'],
    ['deadline-ms', '-5', 'milliseconds above 0'],
    ['min-confidence', '1.5', 'a number from 0 to 1'],
    ['max-stage', '2.5', 'a whole number from 1'],
    ['priority', '10', 'a whole number from 0 to 9'],
    ['content-type', 'text/html', 'image/*, application/octet-stream or application/x-raw-rgb24'],
    ['content-type', 'application/x-raw-rgb24', 'a header with the pixels of a raw frame'],
    ['ce_specversion', '0.3', '"1.0"'],
    ['ce_time', 'noon', 'an RFC 3339 time'],
    ['ce_id', '', '1 to 256 characters'],
    ['traceparent', 'xyz', 'a W3C trace context'],
  ])('refuses %s = "%s"', (name, text, expected) => {
    expect(() => parse({ [name]: text })).toThrow(expected);
  });

  it('refuses two deadlines, bytes that are no UTF-8, and a header that is too long', () => {
    expect(() => parse({ deadline: '7', 'deadline-ms': '7' })).toThrow('either `deadline` or `deadline-ms`');
    const bytes = (value: Uint8Array) => () => parseFrameSpec(frameRecord({ headers: { budget: value } }), defaults);
    expect(bytes(Uint8Array.of(0xff, 0xfe))).toThrow('UTF-8');
    expect(bytes(new Uint8Array(5000))).toThrow('at most 1024 bytes');
  });

  it('names a frame by its id even when another header, or none, parses', () => {
    const identity = (headers: Record<string, Uint8Array>) =>
      identityOf(frameRecord({ offset: 7n, headers }), defaults);
    expect(identity({ ce_id: utf8('a'), budget: utf8('fast') })).toMatchObject({ id: 'a', budget: 1 });
    expect(identity({ ce_id: Uint8Array.of(0xff), ce_source: utf8('cam') })).toMatchObject({
      id: 'frames-0-7',
      source: 'cam',
    });
  });

  it('gives a sound frame or refuses with bad-header, in plain text, whatever the headers; and always an identity', () => {
    fc.assert(
      fc.property(anyHeaders, (headers) => {
        const record = frameRecord({ headers });
        expect(identityOf(record, defaults).id.length).toBeLessThanOrEqual(256);
        try {
          const { budget, deadline, priority } = parseFrameSpec(record, defaults);
          expect(budget).toBeGreaterThan(0);
          expect(Number.isFinite(deadline) && Number.isInteger(priority)).toBe(true);
        } catch (error) {
          expect((error as AnytimeError).code).toBe('bad-header');
          expect((error as AnytimeError).message).toMatch(/^[^\p{Cc}\u2028-\u202e]{1,300}$/u);
        }
      }),
      { numRuns: 500 },
    );
  });
});
