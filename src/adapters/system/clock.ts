// The machine's clock behind the Clock port.
import type { Clock } from '../../ports.ts';

/** Wall clock and timers; a time in the past is now. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, then) {
    const timer = setTimeout(then, Math.max(0, ms));
    return () => clearTimeout(timer);
  },
};
