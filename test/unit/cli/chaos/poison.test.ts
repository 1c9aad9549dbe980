// Which frames are poisonous.
import { expect, it } from 'vitest';
import { frameIdOfNumber, numberOfFrameId } from '../../../../src/cli/chaos/frame-number.ts';
import { POISONS, poisonedFrames } from '../../../../src/cli/chaos/poison.ts';

const options = { seed: 7, frames: 10_000, poisons: POISONS, share: 0.01, ofEach: 3 };

it('follows from the seed', () => {
  expect(poisonedFrames(options)).toEqual(poisonedFrames(options));
  expect(poisonedFrames({ ...options, seed: 8 })).not.toEqual(poisonedFrames(options));
});

it('is a share of cheap ones and a few of each that takes the engine or the worker down', () => {
  const kinds = [...poisonedFrames(options).values()];
  const count = (kind: string) => kinds.filter((one) => one === kind).length;
  expect(count('not-an-image') + count('bad-header')).toBeGreaterThan(50);
  expect(count('not-an-image') + count('bad-header')).toBeLessThan(150);
  for (const kind of ['crashes-engine', 'hangs-engine', 'kills-worker']) expect(count(kind), kind).toBe(3);
});

it('is only of the kinds that are wanted', () => {
  const kinds = new Set(poisonedFrames({ ...options, poisons: ['hangs-engine'] }).values());
  expect([...kinds]).toEqual(['hangs-engine']);
  expect(poisonedFrames({ ...options, poisons: [] }).size).toBe(0);
});

it('frames are numbered by their ids', () => {
  expect(numberOfFrameId(frameIdOfNumber(123))).toBe(123);
  for (const id of ['chaos-', 'chaos-1x', 'other-1', 'chaos-1234567890']) expect(numberOfFrameId(id)).toBeNull();
});
