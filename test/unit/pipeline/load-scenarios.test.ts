// Whole workers on a virtual clock under loads that once shut them in, starved some for others, or collapsed: what a reasonable schedule answers is
// answered.
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { queued } from '../../../src/adapters/codec/decode-queue.ts';
import { MemoryLog } from '../../../src/adapters/memory/log.ts';
import { MemoryResultSink } from '../../../src/adapters/memory/result-sink.ts';
import type { FrameDecoder } from '../../../src/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { type Harness, image, useHarnesses } from '../../helpers/pipeline-harness.ts';

const start = useHarnesses();
/** Of four stages: so long for a frame, and for a run. */
const usual = (stage: number, batch: number) => (stage === 1 ? 1 : 3) * (0.3 + 0.1 * batch);

interface Stream {
  readonly everyMs: number;
  readonly headers?: Record<string, string>;
  readonly bytes?: number;
}

/** Sends frames of all streams for `ms`, then lets the clock go on for `restMs`. Ids: number of the stream, then when it was sent. */
async function play(harness: Harness, streams: readonly Stream[], ms: number, restMs = 1500): Promise<void> {
  for (let t = 0; t < ms + restMs; t++) {
    for (const [s, { everyMs, headers, bytes = 0 }] of streams.entries()) {
      if (t >= ms || t % everyMs !== 0) continue;
      harness.send(Uint8Array.of(...image(1, 40, 50, 60, 70), ...new Uint8Array(bytes)), {
        ce_id: `${s}/${t}`,
        ...headers,
      });
    }
    await setImmediate();
    harness.clock.advance(1);
  }
}

/** Of the frames of a stream that were sent in a span, ms: how many, how many had an answer, mean depth, and how long first answers took at most. */
function outcome({ seen, clock }: Harness, beganAt: number, stream: number, from: number, to: number) {
  const depths = new Map<string, number>();
  const waits: number[] = [];
  for (const event of seen) {
    if (event.type !== 'published') continue;
    const { id, final, label, stage, publishedAt } = event.result;
    const [s, sentAt = 0] = id.split('/').map(Number);
    if (s !== stream || sentAt < from || sentAt >= to) continue;
    if (event.isFirst && label !== null) waits.push(publishedAt - beganAt - sentAt);
    if (final) depths.set(id, label === null ? 0 : stage);
  }
  const all = [...depths.values()];
  const mean = all.reduce((sum, depth) => sum + depth, 0) / Math.max(1, all.length);
  expect(clock.now() - beganAt).toBeGreaterThan(to);
  return { ended: all.length, answered: waits.length, depth: mean, mostMs: Math.max(0, ...waits) };
}

describe('a worker whose predictions are of worse times', () => {
  it('answers again once its engine is well: the frames that it expires tell it nothing', async () => {
    const clock = new ManualClock();
    const began = clock.now();
    let runs = 0;
    const costMs = (stage: number, batch: number) => {
      if (stage === 1) runs += 1;
      return stage === 1 && runs > 300 && runs <= 316 ? 1100 : usual(stage, batch);
    };
    const harness = await start({ clock, costMs, settings: { hang: { factor: 20, floorMs: 10_000 } } });
    await play(harness, [{ everyMs: 20, headers: { 'deadline-ms': '1000' } }], 30_000);
    expect(runs).toBeGreaterThan(316);
    expect(outcome(harness, began, 0, 28_000, 30_000)).toMatchObject({ ended: 100, answered: 100, depth: 4 });
  });

  it('refines again after a run that took a second', async () => {
    const clock = new ManualClock();
    const began = clock.now();
    let runs = -1; // the four of the warm-up first
    const costMs = (stage: number, batch: number) => {
      if (stage === 3) runs += 1;
      return stage === 3 && runs === 7 ? 1000 : usual(stage, batch);
    };
    const harness = await start({ clock, costMs });
    await play(harness, [{ everyMs: 50, headers: { 'deadline-ms': '500' } }], 6000);
    expect(outcome(harness, began, 0, 4000, 6000)).toMatchObject({ ended: 40, answered: 40, depth: 4 });
  });

  it('finds out that it was slow only while it warmed up', async () => {
    const clock = new ManualClock();
    const began = clock.now();
    let isWarm = false;
    const costMs = (stage: number, batch: number) => usual(stage, batch) * (isWarm ? 1 : 400);
    const harness = await start({ clock, costMs });
    isWarm = true;
    await play(harness, [{ everyMs: 50, headers: { 'deadline-ms': '100' } }], 8000);
    expect(outcome(harness, began, 0, 6000, 8000)).toMatchObject({ ended: 40, answered: 40, depth: 4 });
  });

  it('answers again soon after publishing took longer than its deadlines, also where few frames come', async () => {
    const clock = new ManualClock();
    const began = clock.now();
    const at = () => clock.now() - began;
    const log = new MemoryLog(clock);
    const sink = new MemoryResultSink(log);
    const publish = sink.publish.bind(sink);
    sink.publish = async (...given) => {
      if (at() > 2000 && at() < 22_000) await new Promise<void>((resolve) => clock.after(600, resolve));
      await publish(...given);
    };
    const harness = await start({ clock, log, ports: { sink }, costMs: usual });
    await play(harness, [{ everyMs: 200, headers: { 'deadline-ms': '200' } }], 40_000);
    expect(outcome(harness, began, 0, 35_000, 40_000)).toMatchObject({ ended: 25, answered: 25, depth: 4 });
  });
});

/** Each takes so long for an image of so many bytes, ms. */
function threeDecoders(clock: ManualClock, msOf: (bytes: number) => number): FrameDecoder {
  const after = clock.after.bind(clock);
  const one: FrameDecoder = {
    async decode(bytes) {
      await new Promise<void>((resolve) => after(msOf(bytes.length), resolve));
      return new Uint8Array(bytes);
    },
  };
  return queued(one, { places: 3, overtimeAfterMs: 1e9, mostOvertime: () => 0, after });
}

describe('overload', () => {
  it('of decoding: as many are answered as can be decoded, not hardly one', async () => {
    const clock = new ManualClock();
    const began = clock.now();
    const decoder = threeDecoders(clock, () => 10);
    const harness = await start({ clock, ports: { decoder }, costMs: (stage, batch) => 0.3 * usual(stage, batch) });
    // three decoders hold 300 frames a second, 400 come
    const streams = [1, 2].map(() => ({ everyMs: 5, headers: { 'deadline-ms': '500' } }));
    await play(harness, streams, 8000);
    const [a, b] = [0, 1].map((stream) => outcome(harness, began, stream, 3000, 8000));
    expect((a?.ended ?? 0) + (b?.ended ?? 0)).toBe(2000);
    expect(((a?.answered ?? 0) + (b?.answered ?? 0)) / 2000).toBeGreaterThan(0.7);
  });

  it('of decoding by images that take long: the others are answered beside them', async () => {
    const clock = new ManualClock();
    const began = clock.now();
    const decoder = threeDecoders(clock, (bytes) => (bytes > 1000 ? 600 : 5));
    const harness = await start({ clock, ports: { decoder }, costMs: (stage, batch) => 0.3 * usual(stage, batch) });
    // one in ten takes 600 ms of a decoder, longer than anybody has: 1.2 decoders of the three go on them, 0.1 on the others
    const headers = { 'deadline-ms': '500' };
    await play(
      harness,
      [
        { everyMs: 50, headers },
        { everyMs: 500, headers, bytes: 2000 },
      ],
      15_000,
    );
    const { ended, answered } = outcome(harness, began, 0, 3000, 15_000);
    expect(ended).toBe(240);
    expect(answered).toBeGreaterThan(200);
  });

  it('of stage 1 by runs of one frame: batches hold far more where a run has a large fixed part', async () => {
    const clock = new ManualClock();
    const began = clock.now();
    const harness = await start({
      ...{ clock, settings: { schedule: { maxBatch: 32, maxRunMs: 25 } } },
      costMs: (_, batch) => 24 + batch,
    });
    await play(harness, [{ everyMs: 5, headers: { 'deadline-ms': '1000' } }], 4000);
    expect(outcome(harness, began, 0, 1000, 4000)).toMatchObject({ ended: 600, answered: 600 });
  });

  it('of what is held, in bytes: refinement gives way, and no first answer waits in the log', async () => {
    const clock = new ManualClock();
    const began = clock.now();
    const harness = await start({
      ...{ clock, settings: { credits: { maxFrames: 2000, maxBytes: 400_000 } } },
      costMs: (stage, batch) => (stage === 1 ? 0.5 * batch : 6 * batch),
    });
    await play(harness, [{ everyMs: 4, bytes: 10_000, headers: { 'deadline-ms': '3000' } }], 6000);
    const { answered, mostMs } = outcome(harness, began, 0, 3000, 6000);
    expect([answered, mostMs < 150]).toEqual([750, true]);
  });

  it('by frames without a deadline: those with one are answered in time beside them, and refined', async () => {
    const clock = new ManualClock();
    const began = clock.now();
    const harness = await start({
      ...{ clock, settings: { credits: { maxFrames: 200, maxBytes: 1e9 } } },
      costMs: (stage, batch) => (stage === 1 ? 0.5 * batch : 6 * batch),
    });
    const urgent = { everyMs: 50, headers: { 'deadline-ms': '1000', priority: '9' } };
    await play(harness, [{ everyMs: 5 }, urgent], 8000);
    const { ended, answered, depth } = outcome(harness, began, 1, 4000, 8000);
    expect([ended, answered]).toEqual([80, 80]);
    expect(depth).toBeGreaterThan(3);
  });

  it('by a backlog of frames without a deadline: none that has one waits behind them', async () => {
    const clock = new ManualClock();
    const began = clock.now();
    const harness = await start({ clock, costMs: (stage, batch) => (stage === 1 ? 5 : 3) * batch + 0.2 });
    for (let i = 0; i < 600; i++) harness.send(image(1, 40, 50, 60, 70), { ce_id: `9/${i}` });
    await play(harness, [{ everyMs: 50, headers: { 'deadline-ms': '200' } }], 3000);
    expect(outcome(harness, began, 0, 0, 3000)).toMatchObject({ ended: 60, answered: 60 });
  });
});
