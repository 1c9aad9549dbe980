import { expect, it } from 'vitest';
import { patience } from '../../../src/core/patience.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';

function begin(limitMs: number) {
  const clock = new ManualClock();
  let lost = 0;
  const cancel = patience(
    (ms, then) => clock.after(ms, then),
    limitMs,
    () => {
      lost += 1;
    },
  );
  return { clock, cancel, lost: () => lost };
}

it('is lost once, when the limit is over', () => {
  const { clock, lost } = begin(1000);
  clock.advance(999);
  expect(lost()).toBe(0);
  clock.advance(5000);
  expect(lost()).toBe(1);
  expect(clock.pending).toBe(0);
});

it('is not lost when called off, however late', () => {
  const { clock, cancel, lost } = begin(1000);
  clock.advance(999);
  cancel();
  clock.advance(5000);
  expect(lost()).toBe(0);
  expect(clock.pending).toBe(0);
});

it('a stop of the process in between takes a quarter of it at most', () => {
  let now = 0;
  let due: { at: number; then: () => void } | null = null;
  // As timers are after SIGCONT: what is long due fires once, whatever time has gone by.
  const after = (ms: number, then: () => void) => {
    due = { at: now + ms, then };
    return () => {
      due = null;
    };
  };
  let isLost = false;
  patience(after, 1000, () => {
    isLost = true;
  });
  const fire = (at: number) => {
    now = at;
    const timer = due;
    due = null;
    timer?.then();
  };
  fire(60_000); // stopped for a minute
  fire(60_250);
  fire(60_500);
  expect(isLost).toBe(false);
  fire(60_750);
  expect(isLost).toBe(true);
});
