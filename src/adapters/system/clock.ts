// The machine's clock behind the Clock port.
import type { Clock } from '../../ports.ts';

/** Wall clock and timers. Timers do not keep the process alive: what waits for something else does. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, then) {
    const timer = setTimeout(then, Math.max(0, ms));
    return () => clearTimeout(timer);
  },
};
