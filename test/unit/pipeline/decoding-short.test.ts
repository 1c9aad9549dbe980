// Refinement gives way to frames that must be decoded in time, and goes on when they are, whatever came of them.
import { expect, it } from 'vitest';
import { AnytimeError } from '../../../src/errors.ts';
import type { FrameDecoder } from '../../../src/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { image, useHarnesses } from '../../helpers/pipeline-harness.ts';

const start = useHarnesses();
const [BAD, SLOW] = [99, 7];

it.each([
  ['that cannot be decoded', image(BAD, SLOW), 'rejected'],
  ['whose time is over by then', image(1, SLOW), 'expired'],
])('after a frame %s', async (_, urgent, exit) => {
  const clock = new ManualClock();
  const decoder: FrameDecoder = {
    async decode(bytes) {
      const ms = bytes[1] === SLOW && exit === 'expired' ? 120 : bytes.length === 2 ? 30 : 2;
      await new Promise<void>((resolve) => clock.after(ms, resolve));
      if (bytes[0] === BAD) throw new AnytimeError('bad-image', 'Expected an image, got noise');
      return new Uint8Array(bytes);
    },
  };
  const h = await start({ clock, ports: { decoder } });
  // what decoding takes is learnt from what it took
  for (let n = 1; n <= 40; n++) {
    h.send(image(1, 95));
    await h.until(() => h.committed() === BigInt(n));
  }
  const runs = h.runner.runs.length;
  h.send(urgent, { ce_id: 'urgent', 'deadline-ms': '100' });
  h.send(image(0, 30, 40, 50, 60), { ce_id: 'patient', budget: '9' });
  await h.until(() => h.runner.runs.length === runs + 1);
  await h.until(() => h.committed() === 42n, 400);
  expect(h.results('urgent').map((result) => result.exit)).toEqual([exit]);
  expect(h.results('patient').map(({ stage }) => stage)).toEqual([1, 2, 3, 4]);
  expect(h.runner.runs.length).toBe(runs + 4);
});

it('does not wait for a frame whose time is over, however long it still holds a decoder', async () => {
  const clock = new ManualClock();
  const decoder: FrameDecoder = {
    async decode(bytes) {
      await new Promise<void>((resolve) => clock.after(bytes[1] === SLOW ? 5000 : 2, resolve));
      return new Uint8Array(bytes);
    },
  };
  const h = await start({ clock, ports: { decoder } });
  h.send(image(1, SLOW), { ce_id: 'huge', 'deadline-ms': '100' });
  for (let n = 0; n < 10; n++) h.send(image(1, 95));
  const from = clock.now();
  await h.until(() => clock.now() > from + 150);
  h.send(image(0, 30, 40, 50, 60), { ce_id: 'patient', budget: '9' });
  await h.until(() => h.results('patient').length === 4, 1000);
  expect(h.results('huge')).toEqual([]);
  await h.until(() => h.committed() === 12n, 6000);
  expect(h.results('huge').map(({ exit }) => exit)).toEqual(['expired']);
});

it('does not give way to decodes that are slow while none queues', async () => {
  const clock = new ManualClock();
  const decoder: FrameDecoder = {
    async decode(bytes, _format, _due, isWanted) {
      isWanted?.(); // its turn comes at once
      await new Promise<void>((resolve) => clock.after(400, resolve));
      return new Uint8Array(bytes);
    },
  };
  const h = await start({ clock, ports: { decoder } });
  for (let n = 1; n <= 40; n++) {
    const from = clock.now();
    h.send(image(0, 30, 40, 50, 60), { budget: '9' });
    await h.until(() => clock.now() >= from + 200);
  }
  expect(h.committed()).toBeGreaterThan(35n); // all but those that are being decoded
});
