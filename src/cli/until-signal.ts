// Ctrl-C as an AbortSignal: the first asks to end in order, the second ends the process at once.
import { exitOrBeKilled } from './exit-or-be-killed.ts';

export interface UntilSignal {
  readonly signal: AbortSignal;
  /** Signals have their usual effect again. Idempotent. */
  release(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** The listeners stay until the release, never `once`: signal-exit (in testcontainers) ends the process at a signal without other listeners. */
export function untilSignal(signals: readonly NodeJS.Signals[] = SIGNALS): UntilSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) exitOrBeKilled(130);
    controller.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    release() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
