// Where log lines go: stderr, at once.
import pino from 'pino';

const STDERR = 2;
/** Lines that could not be written are kept up to so many bytes, for a disk that has room again. */
const MOST_KEPT_BYTES = 1_000_000;

/** Synchronous: the last lines are out before the process ends. A log that cannot be written (a full disk, a terminal that is gone) is lost, no more. */
export function logDestination(): pino.DestinationStream {
  const destination = pino.destination({ dest: STDERR, sync: true, maxLength: MOST_KEPT_BYTES });
  destination.on('error', () => {});
  return destination;
}
