// A machine's clock that is set back (by its time server, after a pause of the machine) holds nothing up: timers go by what has passed.
import { expect, it } from 'vitest';
import { createAdvisory } from '../../../src/pipeline/advisory.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { image, useHarnesses } from '../../helpers/pipeline-harness.ts';

const start = useHarnesses();
const BACK_MS = -60_000;

it('stages run, answers go out and the worker drains', async () => {
  const h = await start();
  h.send(image(0, 95), { ce_id: 'before' });
  await h.until(() => h.committed() === 1n);
  h.clock.set(BACK_MS);
  h.send(image(0, 30, 40, 95), { ce_id: 'after' });
  await h.until(() => h.results('after').some(({ final }) => final), 100);
  expect(h.results('after').map(({ stage }) => stage)).toEqual([1, 2, 3]);
  h.send(image(0, 95), { ce_id: 'last' });
  await h.until(() => h.runner.runs.length === 5, 100);
  h.clock.set(BACK_MS);
  let isDrained = false;
  void h.pipeline.drain(10_000).then(() => {
    isDrained = true;
  });
  await h.until(() => isDrained, 200);
  expect(h.results('last').map(({ exit }) => exit)).toEqual(['confident']);
});

it('a store that was away is asked again as soon', async () => {
  const clock = new ManualClock();
  const advisory = createAdvisory('budget-store', clock, { emit: () => {} });
  await advisory.ask(() => Promise.reject(new Error('no reply')), null);
  clock.set(BACK_MS);
  expect(await advisory.ask(async () => 'there', null)).toBe(null);
  clock.advance(101);
  expect(await advisory.ask(async () => 'there', null)).toBe('there');
});
