// What may work later is tried again with back-off; what cannot is told at once.
import { describe, expect, it } from 'vitest';
import type { PipelineEvent } from '../../../src/core/events.ts';
import { AnytimeError } from '../../../src/errors.ts';
import { retry } from '../../../src/pipeline/retry.ts';

/** A clock whose timers fire at once and that keeps what was waited. */
function hastyContext(isGivenUp: () => boolean = () => false) {
  const waits: number[] = [];
  const events: PipelineEvent[] = [];
  const after = (ms: number, then: () => void) => {
    waits.push(ms);
    queueMicrotask(then);
    return () => {};
  };
  return {
    waits,
    events,
    context: { clock: { now: () => 0, after }, events: { emit: (e: PipelineEvent) => events.push(e) }, isGivenUp },
  };
}

const failing = (times: number, error: Error) => {
  let left = times;
  return async () => {
    if (left-- > 0) throw error;
    return 'done';
  };
};

describe('retry', () => {
  it('doubles the wait up to five seconds until the call works, telling each', async () => {
    const { waits, events, context } = hastyContext();
    const away = new AnytimeError('broker-unavailable', 'no broker', { retriable: true });
    expect(await retry('publish', failing(8, away), context)).toBe('done');
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
    expect(events).toHaveLength(8);
    expect(events[0]).toEqual({ type: 'retry', what: 'publish', reason: 'no broker', inMs: 100 });
  });

  it('does not try again what cannot work', async () => {
    const { waits, context } = hastyContext();
    const refused = new AnytimeError('broker-unavailable', 'not allowed');
    await expect(retry('publish', failing(1, refused), context)).rejects.toBe(refused);
    expect(waits).toEqual([]);
  });

  it('ends when nobody wants the outcome any more', async () => {
    let asked = 0;
    const { context } = hastyContext(() => ++asked > 3);
    const away = new AnytimeError('broker-unavailable', 'no broker', { retriable: true });
    await expect(retry('publish', failing(99, away), context)).rejects.toBe(away);
    expect(asked).toBe(4);
  });

  it('does not call again when nobody wants the outcome any more after the wait', async () => {
    let isGivenUp = false;
    let calls = 0;
    const { context, waits } = hastyContext(() => isGivenUp);
    const after = context.clock.after;
    context.clock.after = (ms, then) => {
      isGivenUp = waits.length === 2;
      return after(ms, then);
    };
    const away = new AnytimeError('broker-unavailable', 'no broker', { retriable: true });
    const call = async () => {
      calls += 1;
      throw away;
    };
    await expect(retry('publish', call, context)).rejects.toBe(away);
    expect(calls).toBe(3);
    expect(waits).toHaveLength(3);
  });
});
