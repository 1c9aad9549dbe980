// Where log lines go: stderr, at once.
import pino from 'pino';

const STDERR = 2;

/** Synchronous: the last lines are out before the process ends. A log that cannot be written (a full disk, a terminal that is gone) is lost, no more. */
export function logDestination(): pino.DestinationStream {
  const destination = pino.destination({ dest: STDERR, sync: true });
  destination.on('error', () => {});
  return destination;
}
