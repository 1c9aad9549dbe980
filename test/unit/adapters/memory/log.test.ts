// The log in memory: partitions, keys, offsets.
import { expect, test } from 'vitest';
import { MemoryLog } from '../../../../src/adapters/memory/log.ts';
import { ManualClock } from '../../../fakes/manual-clock.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const record = (key: string | null) => ({ key: key === null ? null : bytes(key), value: bytes('v'), headers: {} });

test('records of one key stay in one partition, in order; keyless records take turns', () => {
  const log = new MemoryLog(new ManualClock());
  log.createTopic('frames', 4);
  const keyed = [1, 2, 3].map(() => log.append('frames', record('camera-7')));
  expect(new Set(keyed.map(({ partition }) => partition)).size).toBe(1);
  expect(keyed.map(({ offset }) => offset)).toEqual([0n, 1n, 2n]);
  const keyless = [1, 2, 3, 4].map(() => log.append('frames', record(null)));
  expect(new Set(keyless.map(({ partition }) => partition)).size).toBe(4);
});

test('timestamps come from the clock unless the record brings one', () => {
  const clock = new ManualClock(1000);
  const log = new MemoryLog(clock);
  log.createTopic('frames');
  expect(log.append('frames', record(null)).timestamp).toBe(1000);
  expect(log.append('frames', { ...record(null), timestamp: 5 }).timestamp).toBe(5);
});

test('an existing topic keeps its partitions; an unknown one is an error that names it', () => {
  const log = new MemoryLog(new ManualClock());
  expect(log.createTopic('frames', 3)).toBe(3);
  expect(log.createTopic('frames', 8)).toBe(3);
  expect(() => log.append('other', record(null))).toThrow('Expected topic "other" to exist');
  expect(() => log.createTopic('none', 0)).toThrow('Expected partitions to be a whole number above 0, got 0');
});
