// How many frames are due by when: a steady stream with bursts of some seconds, as cameras that wake at once make them. Pure.

/** Every so often the stream is `BURST` times as strong for a while, ms. */
const PERIOD_MS = 10_000;
const BURST_MS = 2000;
const BURST = 4;
/** In the middle of each period. */
const BURST_FROM_MS = (PERIOD_MS - BURST_MS) / 2;

/** Frames due until `ms` after the beginning, of `frames` within `durationMs`; whole, never falling, all of them at the end. */
export function dueBy(ms: number, frames: number, durationMs: number): number {
  if (ms >= durationMs) return frames;
  return Math.floor((frames * weightUntil(Math.max(0, ms))) / weightUntil(durationMs));
}

/** Area under the rate, in steady ms. */
function weightUntil(ms: number): number {
  const periods = Math.floor(ms / PERIOD_MS);
  const within = ms - periods * PERIOD_MS;
  const inBurst = Math.min(Math.max(within - BURST_FROM_MS, 0), BURST_MS);
  return periods * (PERIOD_MS + BURST_MS * (BURST - 1)) + within + inBurst * (BURST - 1);
}
