// A worker's log lines, read back into its state.
import { expect, it } from 'vitest';
import { heard, type WorkerState } from '../../../../src/cli/e2e/worker-process.ts';

function after(...lines: (string | object)[]): WorkerState {
  const state: WorkerState = {
    ...{ isReady: false, engine: null, partitions: new Set<string>(), troubles: [] },
    engineUse: { busyMs: 0, waitedMs: 0 },
    ...{ held: null, liveHeapBytes: null, rebalances: 0 },
  };
  for (const line of lines) heard(typeof line === 'string' ? line : JSON.stringify(line), state, () => {});
  return state;
}

it('is ready when it says so, with the partitions that are assigned and not revoked', () => {
  const state = after(
    { level: 30, event: 'assigned', topic: 't', partition: 0 },
    { level: 30, event: 'assigned', topic: 't', partition: 1 },
    { level: 30, event: 'started', engine: 'wasm', model: 'm@1' },
    { level: 30, event: 'revoked', topic: 't', partition: 0 },
  );
  expect(state).toMatchObject({ isReady: true, engine: 'wasm' });
  expect([...state.partitions]).toEqual(['t/1']);
  expect(state.rebalances).toBe(1);
});

it('keeps the latest engine use, and warnings and what is no log line as troubles', () => {
  const state = after(
    { level: 30, event: 'load', engineUse: { busyMs: 5, waitedMs: 10 } },
    { level: 30, event: 'drained', engineUse: { busyMs: 7, waitedMs: 14 } },
    { level: 40, event: 'degraded', msg: 'Goes on without Redis' },
    'TypeError: boom',
  );
  expect(state.engineUse).toEqual({ busyMs: 7, waitedMs: 14 });
  expect(state.troubles).toEqual(['Goes on without Redis', 'TypeError: boom']);
});

it('keeps what the worker held when it told its load last', () => {
  const held = { frames: 3, bytes: 9, undecoded: 1, queued: 2, unsentBytes: 0, activationBytes: 4, tensors: 80 };
  const state = after(
    { level: 30, event: 'load', held: { ...held, frames: 1 } },
    { level: 30, event: 'load', held },
    { level: 20, event: 'load' },
  );
  expect(state.held).toEqual(held);
});

it('keeps what was left of the heap after a collection', () => {
  expect(after({ level: 30, event: 'collected', liveHeapBytes: 4e7 }).liveHeapBytes).toBe(4e7);
  expect(after({ level: 30, event: 'collected', liveHeapBytes: null }).liveHeapBytes).toBeNull();
});
