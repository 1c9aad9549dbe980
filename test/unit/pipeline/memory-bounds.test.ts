// Each bound on memory is reached, and holds: frames in hand (encoded and decoded), activations, results that wait for Kafka.
import { expect, it } from 'vitest';
import { MemoryLog } from '../../../src/adapters/memory/log.ts';
import { MemoryResultSink } from '../../../src/adapters/memory/result-sink.ts';
import { AnytimeError } from '../../../src/errors.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { image, useHarnesses } from '../../helpers/pipeline-harness.ts';

const start = useHarnesses();
/** Records handed over by one fetch: a pause is felt after it. */
const ONE_FETCH = 64;
/** Stage batches that may be in the engine's hands when a bound is reached. */
const UNDER_WAY = 4;

it('bytes of records in hand: intake pauses, nothing is lost', async () => {
  const harness = await start({ settings: { credits: { maxFrames: 1e6, maxBytes: 20_000 } } });
  const large = Uint8Array.from({ length: 1000 }, (_, i) => [0, 30, 40, 50, 60][i] ?? 0);
  for (let n = 0; n < 150; n++) harness.send(large, { ce_id: `f${n}` });
  let most = 0;
  await harness.until(() => {
    most = Math.max(most, harness.pipeline.heldFrames);
    return harness.committed() === 150n;
  }, 20_000);
  expect(most * 1000).toBeLessThanOrEqual(20_000 + ONE_FETCH * 1000);
  expect(harness.seen.some((event) => event.type === 'paused' && event.heldBytes >= 20_000)).toBe(true);
  expect(new Set(harness.results().flatMap(({ id, final }) => (final ? [id] : []))).size).toBe(150);
});

it('bytes of decoded frames in hand: they count from the start', async () => {
  const credits = { maxFrames: 1e6, maxBytes: 20_000, decodedBytes: 3000 };
  const harness = await start({ settings: { credits } });
  for (let n = 0; n < 100; n++) harness.send(image(0, 30, 40, 50, 60));
  let most = 0;
  await harness.until(() => {
    most = Math.max(most, harness.pipeline.heldFrames);
    return harness.committed() === 100n;
  }, 20_000);
  expect(harness.seen.some(({ type }) => type === 'paused')).toBe(true);
  expect(most).toBeLessThanOrEqual(7 + ONE_FETCH);
});

it('bytes of activations: the least gain ends with the answer it has', async () => {
  const harness = await start({ settings: { maxHeldActivationBytes: 20_000 } });
  for (let n = 0; n < 150; n++) harness.send(image(0, 30, 40, 50, 60), { ce_id: `f${n}` });
  let most = 0;
  await harness.until(() => {
    most = Math.max(most, harness.runner.status().heldBytes);
    return harness.committed() === 150n;
  }, 20_000);
  expect(most).toBeGreaterThan(15_000);
  expect(most).toBeLessThanOrEqual(20_000 + UNDER_WAY * 8 * 1000); // batches of eight, 1000 bytes a frame
  const exits = harness.results().flatMap(({ exit }) => exit ?? []);
  expect(exits).toHaveLength(150);
  expect(exits).toContain('load');
  expect(harness.runner.status().heldBytes).toBe(0);
});

it('bytes of unsent results: while Kafka takes none the engine rests, and goes on when it takes them', async () => {
  const clock = new ManualClock();
  const log = new MemoryLog(clock);
  const sink = new MemoryResultSink(log);
  const publish = sink.publish.bind(sink);
  let isAway = true;
  sink.publish = async (results) => {
    if (isAway) throw new AnytimeError('broker-unavailable', 'no broker', { retriable: true });
    await publish(results);
  };
  const harness = await start({ clock, log, ports: { sink }, settings: { maxUnsentBytes: 60_000 } });
  for (let n = 0; n < 100; n++) harness.send(image(0, 30, 40, 50, 60), { ce_id: `f${n}` });
  const from = clock.now();
  await harness.until(() => clock.now() - from >= 2000);
  const answers = () => harness.runner.runs.reduce((sum, { batch }) => sum + batch, 0);
  const whileAway = answers();
  // An outcome is a little above 1 KiB; all 400 would be half a MB.
  expect(harness.seen.some(({ type }) => type === 'retry')).toBe(true);
  expect(whileAway).toBeGreaterThanOrEqual(40);
  expect(whileAway).toBeLessThanOrEqual(60 + UNDER_WAY * 8);
  await harness.until(() => clock.now() - from >= 3000);
  expect(answers()).toBe(whileAway);
  isAway = false;
  await harness.until(() => harness.committed() === 100n, 20_000);
  expect(harness.results().filter(({ final }) => final)).toHaveLength(100);
});
