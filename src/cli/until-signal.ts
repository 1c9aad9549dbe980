// Ctrl-C as an AbortSignal: the first asks to end in order, the second ends the process at once.

export interface UntilSignal {
  readonly signal: AbortSignal;
  /** Signals have their usual effect again. Idempotent. */
  release(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export function untilSignal(): UntilSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    release() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
