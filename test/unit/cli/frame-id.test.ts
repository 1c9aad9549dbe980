// A dead letter is counted under the id that the frame's final record carries: the worker's word on it.
import { expect, test } from 'vitest';
import { frameIdOf } from '../../../src/cli/frame-id.ts';
import { parseFrameSpec } from '../../../src/core/frame-spec.ts';
import { frameRecord, utf8 } from '../../helpers/records.ts';

const DEFAULTS = { deadlineMs: 1000, computeBudgetMs: null, minConfidence: 0.9, priority: 0 };

test.each(['cam-1', 'x'.repeat(256)])('its own id, which the worker takes: %.10s…', (id) => {
  const record = frameRecord({ headers: { ce_id: utf8(id) } });
  expect(parseFrameSpec(record, DEFAULTS as never).id).toBe(id);
  expect(frameIdOf({ ...record, result: null })).toBe(id);
});

test.each(['', 'x'.repeat(257)])('where its record lay, for an id that the worker refuses: "%.10s"', (id) => {
  const record = frameRecord({ topic: 'frames', partition: 3, offset: 7n, headers: { ce_id: utf8(id) } });
  expect(() => parseFrameSpec(record, DEFAULTS as never)).toThrow('1 to 256');
  expect(frameIdOf({ ...record, result: null })).toBe('frames-3-7');
});
