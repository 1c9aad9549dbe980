// What a program's exit code says, so that whoever started it can decide without reading its log.
import { AnytimeError, hasCode } from '../errors.ts';
import { EXIT_FAILED, EXIT_USAGE } from './run-program.ts';

/** The stage thread cannot be started, or ended so often that it is not started again. */
export const EXIT_ENGINE = 3;
/** No broker answers, or the consumer had to be replaced so often that it is not tried again. */
export const EXIT_BROKER = 4;
/** As a shell tells a program that Ctrl-C ended. */
export const EXIT_ABORTED = 130;

/** The table of `anytime worker --help`. */
export const WORKER_EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'drained after a signal'],
  [EXIT_FAILED, 'could not start or go on: bundle, topics or permissions; or it did not leave in time after a signal'],
  [EXIT_USAGE, 'a flag or setting was not understood'],
  [EXIT_ENGINE, 'the engine is not there, or its thread ended too often in a row'],
  [EXIT_BROKER, 'Kafka does not answer, or the consumer had to be replaced too often in a row'],
  [EXIT_ABORTED, 'a second signal stopped it at once'],
  [
    137,
    'killed: by itself where native code of engine or image library hangs and nothing else ends it, or by the system',
  ],
];

/** The exit code for what ended a worker. */
export function workerExitCode(thrown: unknown): number {
  if (!(thrown instanceof AnytimeError)) return EXIT_FAILED;
  switch (thrown.code) {
    case 'bad-argument':
      return EXIT_USAGE;
    case 'stopped': // nobody told it to: the engine's restarts are used up
    case 'engine-crashed':
    case 'engine-failed':
    case 'engine-unavailable':
      return EXIT_ENGINE;
    case 'broker-unavailable':
      return thrown.retriable ? EXIT_BROKER : EXIT_FAILED;
    default:
      return EXIT_FAILED;
  }
}

/**
 * True when only killing the process ends it: leaving in order waits for each thread, and one hangs in native code.
 * It is to be killed once its last words are written.
 */
export function mustBeKilled(thrown: unknown): boolean {
  return hasCode(thrown, 'engine-hung', 'decoder-hung');
}
