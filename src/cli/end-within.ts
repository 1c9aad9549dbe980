// The last word on a process that was told to stop: whatever still holds it (a connection, a retry of a library, a thread that hangs), it
// ends in time.
import { exitOrBeKilled } from './exit-or-be-killed.ts';

/**
 * After `ms` tells it with `say` and ends the process; `code` undefined = process.exitCode. Holds nothing itself: a process that has
 * nothing left to do ends before. The function returned calls it off.
 */
export function endWithin(
  ms: number,
  { code, say = () => {}, exit = exitOrBeKilled }: { code?: number; say?: () => void; exit?: (code?: number) => void },
): () => void {
  const timer = setTimeout(() => {
    say();
    exit(code);
  }, ms).unref();
  return () => clearTimeout(timer);
}
