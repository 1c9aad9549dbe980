// Paced sending: each frame at its own due time, one request under way, nothing after the signal.
import { expect, it } from 'vitest';
import { Arrivals } from '../../../src/cli/arrivals.ts';
import { sendPaced } from '../../../src/cli/send-paced.ts';
import type { FrameSender, OutgoingRecord } from '../../../src/ports.ts';

interface Frame {
  readonly bytes: Uint8Array;
}

async function* numbers(count: number): AsyncGenerator<Frame> {
  for (let n = 0; n < count; n++) yield { bytes: Uint8Array.of(n) };
}

/** A sender that takes notes and has one call at a time. */
function noting() {
  const batches: OutgoingRecord[][] = [];
  let underWay = 0;
  const sender: FrameSender = {
    start: async () => {},
    stop: async () => {},
    async send(frames) {
      underWay += 1;
      expect(underWay).toBe(1);
      await Promise.resolve();
      batches.push([...frames]);
      underWay -= 1;
    },
  };
  return { sender, batches, sent: () => batches.flat() };
}

const toRecord = ({ bytes }: Frame, dueAt: number): OutgoingRecord => ({
  key: null,
  value: bytes,
  headers: {},
  timestamp: dueAt,
});

it('sends all, in order, as fast as they are acknowledged when there is no rate', async () => {
  const { sender, sent, batches } = noting();
  const signal = new AbortController().signal;
  const told: number[] = [];
  const total = await sendPaced(numbers(1200), {
    ...{ sender, arrivals: null, rate: 1, now: () => 42, toRecord, signal },
    sent: (count) => told.push(count),
  });
  expect(total).toBe(1200);
  expect(told).toEqual([500, 1000, 1200]);
  expect(batches.map(({ length }) => length)).toEqual([500, 500, 200]);
  expect(sent().map(({ value }) => value?.[0])).toEqual(Array.from({ length: 1200 }, (_, n) => n % 256));
});

it('gives each frame the time it was due, late or not', async () => {
  const { sender, sent } = noting();
  const due = new Arrivals(1, 0).until(1000, 100).slice(0, 5);
  // The clock stands far in the future: everything is late, and still keeps its own time.
  await sendPaced(numbers(5), {
    ...{ sender, arrivals: new Arrivals(1, 0), rate: 100, now: () => 1e9, toRecord, sent: () => {} },
    signal: new AbortController().signal,
  });
  expect(sent().map(({ timestamp }) => timestamp)).toEqual(due);
});

it('never sends a frame before it is due', async () => {
  const { sender, sent } = noting();
  const start = performance.now();
  const sentAt: number[] = [];
  await sendPaced(numbers(20), {
    ...{ sender, arrivals: new Arrivals(2, start), rate: 1000, now: () => performance.now(), toRecord },
    sent: () => sentAt.push(performance.now()),
    signal: new AbortController().signal,
  });
  expect(sent()).toHaveLength(20);
  expect(sentAt.at(-1)).toBeGreaterThanOrEqual((sent().at(-1)?.timestamp ?? Infinity) - 1);
});

it('stops at the signal and sends what was due', async () => {
  const { sender, sent } = noting();
  const stop = new AbortController();
  async function* frames() {
    yield* numbers(2);
    stop.abort();
    yield* numbers(1);
  }
  const total = await sendPaced(frames(), {
    ...{ sender, arrivals: null, rate: 1, now: () => 0, toRecord, sent: () => {}, signal: stop.signal },
  });
  expect(total).toBe(2);
  expect(sent()).toHaveLength(2);
});

it('holds no more than a request of large frames, and dates them when they go out where there is no rate', async () => {
  const { sender, batches } = noting();
  let now = 0;
  async function* slowly() {
    for (let n = 0; n < 5; n++) {
      now += 1000; // to read one takes a second
      yield { bytes: new Uint8Array(500_000) };
    }
  }
  await sendPaced(slowly(), {
    ...{ sender, arrivals: null, rate: 1, now: () => now, toRecord, sent: () => {} },
    signal: new AbortController().signal,
  });
  expect(batches.map((batch) => batch.map(({ timestamp }) => timestamp))).toEqual([[2000, 2000], [4000, 4000], [5000]]);
});
