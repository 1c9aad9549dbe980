// Load: tell the fleet this worker's load every quarter of a second, and read how deep frames may go.
import type { Held, LoadSample } from '../core/load.ts';
import type { PipelineContext } from './context.ts';

export interface Steering {
  start(): void;
  /** Records came in. */
  arrived(records: number): void;
  stop(): void;
}

export function createSteering(context: PipelineContext, exits: { limitChanged(): void }): Steering {
  const { clock, depths, depthAdvice, events, inHand, queue, runner, settings } = context;
  let arrivals = 0;
  let since = 0;
  let busySince = 0;
  let cancel: (() => void) | null = null;
  let isStopped = false;

  function sample(): LoadSample {
    const now = clock.now();
    const elapsedMs = Math.max(1, now - since);
    const { busyMs } = runner.status();
    const oldest = queue.waiting(1).reduce((least, frame) => Math.min(least, frame.receivedAt), now);
    let refinementDebt = 0;
    for (const { spec, spent } of inHand) refinementDebt += Math.max(0, Math.min(1, spec.budget) - spent);
    const result: LoadSample = {
      workerId: settings.workerId,
      at: now,
      arrivalsPerSecond: (arrivals * 1000) / elapsedMs,
      queueDelayMs: now - oldest,
      utilisation: Math.min(1, Math.max(0, (busyMs - busySince) / elapsedMs)),
      refinementDebt,
    };
    arrivals = 0;
    since = now;
    busySince = busyMs;
    return result;
  }

  function held(): Held {
    const { heldBytes: activationBytes, tensors } = runner.status();
    const { credits, decoding, unsentBytes } = context;
    return {
      frames: inHand.size,
      bytes: credits.heldBytes,
      undecoded: decoding.frames,
      queued: queue.size,
      unsentBytes,
      activationBytes,
      tensors,
    };
  }

  async function turn(): Promise<void> {
    const mine = sample();
    const limit = await depthAdvice.ask(async () => {
      await depths.report(mine, settings.loadEveryMs * 4);
      return await depths.depthLimit();
    }, context.depthLimit);
    events.emit({ type: 'load', sample: mine, depthLimit: limit, held: held() });
    if (limit !== context.depthLimit) {
      context.depthLimit = limit;
      exits.limitChanged();
    }
    if (!isStopped) cancel = clock.after(settings.loadEveryMs, () => void turn());
  }

  return {
    start() {
      since = clock.now();
      busySince = runner.status().busyMs;
      cancel = clock.after(settings.loadEveryMs, () => void turn());
    },
    arrived(records) {
      arrivals += records;
    },
    stop() {
      isStopped = true;
      cancel?.();
    },
  };
}
