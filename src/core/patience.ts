// Waiting with a limit that counts only time in which this process could run: a process that was stopped (SIGSTOP, a suspended
// machine) has not waited. The limit goes by in slices, and a stop takes one slice at most.

/** Call `then` once after `ms`; the function returned cancels it. */
export type After = (ms: number, then: () => void) => () => void;

const SLICES = 4;

/** Calls `lost` once `limitMs` have gone by; the function returned calls that off. */
export function patience(after: After, limitMs: number, lost: () => void): () => void {
  let cancel = () => {};
  const wait = (slices: number): void => {
    cancel = after(limitMs / SLICES, () => (slices > 1 ? wait(slices - 1) : lost()));
  };
  wait(SLICES);
  return () => cancel();
}
