// A loop that runs while there is something to do, one run at a time, and is woken when something comes.

export interface SingleLoop {
  wake(): void;
  /** Resolves when it does not run. */
  idle(): Promise<void>;
}

export interface SingleLoopOptions {
  /** Resolves when nothing is left to do, or nothing may be done. */
  readonly run: () => Promise<void>;
  /** Asked when a run is over, because something may have come at its very end. */
  readonly hasMore: () => boolean;
  readonly failed: (error: Error) => void;
}

export function createSingleLoop({ run, hasMore, failed }: SingleLoopOptions): SingleLoop {
  let running: Promise<void> | null = null;

  function wake(): void {
    running ??= run()
      .catch((error) => failed(error as Error))
      .finally(() => {
        running = null;
        if (hasMore()) wake();
      });
  }

  return {
    wake,
    async idle() {
      while (running !== null) await running;
    },
  };
}
