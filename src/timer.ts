// A timer as the ports have it: what is to happen, and a way to call it off.
import type { After } from './core/patience.ts';

/** A time in the past is now. */
export const after: After = (ms, then) => {
  const timer = setTimeout(then, Math.max(0, ms));
  return () => clearTimeout(timer);
};
