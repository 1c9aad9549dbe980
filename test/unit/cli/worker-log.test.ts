// The worker's log: events as lines at sensible levels, engine use with the load.
import { expect, it } from 'vitest';
import { createWorkerLog } from '../../../src/cli/worker-log.ts';
import type { PipelineEvent } from '../../../src/core/events.ts';

function logged(events: readonly PipelineEvent[], times: readonly number[] = []) {
  const lines: { level: string; fields: Record<string, unknown>; message: string }[] = [];
  const at = (level: string) => (fields: Record<string, unknown>, message: string) => {
    lines.push({ level, fields, message });
  };
  const log = Object.fromEntries(['debug', 'info', 'warn', 'error', 'fatal'].map((level) => [level, at(level)]));
  let turn = 0;
  const sink = createWorkerLog({ log: log as never, loadLineEveryMs: 1000, now: () => times[turn] ?? 0 });
  for (const event of events) {
    sink.emit(event);
    turn += 1;
  }
  return lines;
}

const sample = { workerId: 'w', at: 1, arrivalsPerSecond: 5, queueDelayMs: 1, utilisation: 0.5, refinementDebt: 2 };

it('tells that it is ready, and what it computes on', () => {
  expect(logged([{ type: 'started', engine: 'wasm (SIMD)', model: 'm@1' }])).toEqual([
    {
      level: 'info',
      fields: { event: 'started', engine: 'wasm (SIMD)', model: 'm@1' },
      message: 'Ready: m@1 on wasm (SIMD)',
    },
  ]);
});

it('warns of what somebody must look at, and keeps single frames for debugging', () => {
  const lines = logged([
    { type: 'degraded', what: 'budget-store', reason: 'no reply' },
    { type: 'dead-lettered', id: 'f', step: 'decode', reason: 'no image' },
    { type: 'taken', frames: 3 },
    { type: 'failed', reason: 'gone' },
  ]);
  expect(lines.map(({ level }) => level)).toEqual(['warn', 'warn', 'debug', 'fatal']);
  expect(lines[1]?.message).toBe('Frame f refused at decode: no image');
});

it('tells the load once in a while, with the engine’s use since the start', () => {
  const load: PipelineEvent = { type: 'load', sample, depthLimit: 3 };
  const run = (busyMs: number): PipelineEvent => ({ type: 'stage-run', stage: 1, batch: 2, ms: 7, busyMs, queued: 4 });
  const lines = logged([run(8), run(16), load, load, load], [0, 10, 20, 500, 1020]);
  expect(lines.slice(2).map(({ level }) => level)).toEqual(['info', 'debug', 'info']);
  expect(lines[2]?.fields).toEqual({ event: 'load', ...sample, depthLimit: 3, engineUse: { busyMs: 8, waitedMs: 10 } });
});

it('writes offsets as text: JSON has no big integers', () => {
  const [line] = logged([{ type: 'committed', topic: 't', partition: 0, offset: 7n }]);
  expect(JSON.stringify(line?.fields)).toContain('"offset":"7"');
});

it('tells with the load what is held', () => {
  const held = { frames: 3, bytes: 9, undecoded: 1, queued: 2, unsentBytes: 0, activationBytes: 4, tensors: 80 };
  const [line] = logged([{ type: 'load', sample, depthLimit: null, held }]);
  expect(line?.fields).toMatchObject({ event: 'load', held });
});

it('shows what strangers wrote as plain text, in the fields as in the message', () => {
  const [line] = logged([{ type: 'dead-lettered', id: 'f\u009b31m', step: 'decode', reason: 'no\u202eegami' }]);
  expect(line?.fields).toEqual({
    event: 'dead-lettered',
    id: 'f\\u{9b}31m',
    step: 'decode',
    reason: 'no\\u{202e}egami',
  });
});
