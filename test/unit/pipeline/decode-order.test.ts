// In which order frames are decoded where they must wait: it decides whose first answer comes first after a backlog.
import { expect, it } from 'vitest';
import { queued } from '../../../src/adapters/codec/decode-queue.ts';
import { MemoryLog } from '../../../src/adapters/memory/log.ts';
import type { FrameDecoder } from '../../../src/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { useHarnesses } from '../../helpers/pipeline-harness.ts';
import { utf8 } from '../../helpers/records.ts';

const start = useHarnesses();
const MINUTE = 60_000;

/** A worker finds these records on two partitions, in turn; the names of their frames as they are decoded, one at a time. */
async function orderOf(records: readonly { name: string; ageMs: number; deadlineMs?: number }[]): Promise<string[]> {
  const clock = new ManualClock();
  clock.advance(10 * MINUTE);
  const log = new MemoryLog(clock);
  log.createTopic('frames', 2);
  const names = new Map(records.map(({ name }, i) => [i, name]));
  const decoded: string[] = [];
  const one: FrameDecoder = {
    async decode(bytes) {
      decoded.push(names.get(bytes[1] ?? 0) ?? '');
      await new Promise<void>((resolve) => clock.after(2, resolve));
      return Uint8Array.of(0, 95);
    },
  };
  const places = { places: 1, overtimeAfterMs: 1000, mostOvertime: () => 0 };
  const decoder = queued(one, { ...places, after: (ms, then) => clock.after(ms, then) });
  for (const [i, { ageMs, deadlineMs }] of records.entries()) {
    const headers = deadlineMs === undefined ? {} : { 'deadline-ms': utf8(String(deadlineMs + ageMs)) };
    log.append('frames', { key: null, value: Uint8Array.of(0, i), headers, timestamp: clock.now() - ageMs });
  }
  const h = await start({ clock, log, ports: { decoder } });
  await h.until(() => decoded.length === records.length);
  return decoded;
}

/** The first to come is decoded at once. */
const FIRST = { name: 'first', ageMs: 0 };

it('what two partitions have left over: the oldest first, not one partition after the other', async () => {
  const ages = [8, 7, 6, 5, 4, 3, 2, 1];
  const order = await orderOf([FIRST, ...ages.map((s) => ({ name: `${s}`, ageMs: s * 1000 }))]);
  expect(order).toEqual(['first', '8', '7', '6', '5', '4', '3', '2', '1']);
});

it('frames with a deadline go before all without one', async () => {
  const order = await orderOf([
    FIRST,
    { name: 'old', ageMs: 8000 },
    { name: 'never', ageMs: 4000, deadlineMs: Number.MAX_SAFE_INTEGER - 4e12 },
    { name: 'later', ageMs: 0, deadlineMs: 9000 },
    { name: 'soon', ageMs: 0, deadlineMs: 1000 },
  ]);
  expect(order).toEqual(['first', 'soon', 'later', 'old', 'never']);
});

it('a record that claims to be of another age gains or loses a minute at most', async () => {
  const order = await orderOf([
    FIRST,
    { name: 'of tomorrow', ageMs: -1440 * MINUTE },
    { name: 'a second old', ageMs: 1000 },
    { name: '59 seconds old', ageMs: 59_000 },
    { name: 'of 1970', ageMs: 9 * MINUTE },
  ]);
  expect(order).toEqual(['first', 'of 1970', '59 seconds old', 'a second old', 'of tomorrow']);
});
