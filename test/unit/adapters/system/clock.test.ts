// The machine's clock: now, timers, and timers called off.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../../../src/adapters/system/clock.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1000 });
});
afterEach(() => {
  vi.useRealTimers();
});

test('calls once after the time, never when called off, and takes a time in the past for now', () => {
  const calls: string[] = [];
  expect(systemClock.now()).toBe(1000);
  systemClock.after(50, () => calls.push('later'));
  const callOff = systemClock.after(50, () => calls.push('never'));
  systemClock.after(-5, () => calls.push('now'));
  callOff();
  vi.advanceTimersByTime(1);
  expect(calls).toEqual(['now']);
  vi.advanceTimersByTime(1000);
  expect(calls).toEqual(['now', 'later']);
});
