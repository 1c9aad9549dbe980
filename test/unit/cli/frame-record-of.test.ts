// Frames as records: what a worker reads from them is what was asked.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ASK_NOTHING, frameRecordOf, stableId } from '../../../src/cli/frame-record-of.ts';
import { headerText } from '../../../src/core/envelope.ts';
import { parseFrameSpec } from '../../../src/core/frame-spec.ts';

const defaults = { deadlineMs: 1000, budget: 1, minConfidence: 0.9 };
const frame = { id: 'cat/1.jpg', label: 'cat', bytes: Uint8Array.of(1) };
const specOf = (asks: Partial<typeof ASK_NOTHING>) => {
  const { key, value, headers, timestamp = 0 } = frameRecordOf(frame, { ...ASK_NOTHING, ...asks }, 5000.4);
  return parseFrameSpec({ key, value, headers, timestamp, topic: 't', partition: 0, offset: 0n, epoch: 1 }, defaults);
};

it('asks for nothing by default, so that the worker decides', () => {
  expect(specOf({})).toMatchObject({ id: 'cat/1.jpg', deadline: 6000, budget: 1, minConfidence: 0.9, priority: 0 });
});

it('asks for what it was given, the deadline from when it was due', () => {
  const asks = { deadlineMs: 250, budget: 0.5, minConfidence: 1, maxStage: 2, priority: 9 };
  expect(specOf(asks)).toMatchObject({
    ...{ budget: 0.5, minConfidence: 1, maxStage: 2, priority: 9 },
    deadline: 5250,
  });
});

it('carries the label, and none where there is none', () => {
  expect(headerText(frameRecordOf(frame, ASK_NOTHING, 0).headers, 'label')).toBe('cat');
  expect(headerText(frameRecordOf({ ...frame, label: null }, ASK_NOTHING, 0).headers, 'label')).toBeNull();
});

it('gives ids that a worker takes, the same for the same path, others for others', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 600 }), fc.string({ minLength: 1, maxLength: 600 }), (a, b) => {
      expect(stableId('run/', a).length).toBeLessThanOrEqual(256);
      expect(stableId('run/', a)).toBe(stableId('run/', a));
      if (a !== b) expect(stableId('run/', a)).not.toBe(stableId('run/', b));
    }),
  );
});
