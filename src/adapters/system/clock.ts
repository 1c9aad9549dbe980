// The machine's clock behind the Clock port.
import type { Clock } from '../../ports.ts';
import { after } from '../../timer.ts';

/** Wall clock and timers. */
export const systemClock: Clock = { now: () => Date.now(), after };
