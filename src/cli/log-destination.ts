// Where a worker's log goes: written at once, and a line that cannot be written is lost and nothing else. pino's own destination
// would end the process by an 'error' that nobody listens to, keep all that it could not write, and try its last line for ever.
import { writeSync } from 'node:fs';

/** A pipe that is full and does not block is tried again after this, ms … */
const AGAIN_MS = 5;
/** … so many times: a reader that is only slow catches up, one that hangs must not hang the worker. */
const MOST_TRIES = 20;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** For pino. Lines are lost, without an error, while a disk is full, a pipe is closed or its reader hangs. */
export function logDestination(descriptor: number): { write(line: string): void } {
  let isLosing = false;
  let isCut = false;

  /** How much of it could be written, bytes. */
  function written(bytes: Uint8Array): number {
    let done = 0;
    let triesLeft = isLosing ? 1 : MOST_TRIES;
    while (done < bytes.length && triesLeft > 0) {
      try {
        done += writeSync(descriptor, bytes, done);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') break;
        triesLeft -= 1;
        if (triesLeft > 0) Atomics.wait(sleeper, 0, 0, AGAIN_MS);
      }
    }
    return done;
  }

  return {
    write(line) {
      const bytes = Buffer.from(isCut ? `\n${line}` : line);
      const done = written(bytes);
      isLosing = done < bytes.length;
      if (done > 0) isCut = isLosing; // what comes next begins on a line of its own
    },
  };
}
