// A store that may be away delays nothing for long, and is told of once in each direction.
import { expect, it } from 'vitest';
import type { PipelineEvent } from '../../../src/core/events.ts';
import { createAdvisory } from '../../../src/pipeline/advisory.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';

it('falls back at once, leaves the store alone for a while, and recovers', async () => {
  const clock = new ManualClock();
  const events: PipelineEvent[] = [];
  const advisory = createAdvisory('budget-store', clock, { emit: (event) => events.push(event) });
  let calls = 0;
  const away = async () => {
    calls += 1;
    throw new Error('connection refused');
  };
  expect(await advisory.ask(async () => 'there', 'fallback')).toBe('there');
  expect(await advisory.ask(away, 'fallback')).toBe('fallback');
  expect(await advisory.ask(away, 'fallback')).toBe('fallback');
  expect(calls).toBe(1);
  expect(advisory.isDegraded).toBe(true);
  clock.advance(1000);
  expect(await advisory.ask(away, 'fallback')).toBe('fallback');
  expect(calls).toBe(2);
  clock.advance(1000);
  expect(await advisory.ask(async () => 'back', 'fallback')).toBe('back');
  expect(advisory.isDegraded).toBe(false);
  expect(events).toEqual([
    { type: 'degraded', what: 'budget-store', reason: 'connection refused' },
    { type: 'recovered', what: 'budget-store' },
  ]);
});

it('asks soon whether the store is back, and less and less often, once a second at least', async () => {
  const clock = new ManualClock();
  const advisory = createAdvisory('budget-store', clock, { emit: () => {} });
  const askedAt: number[] = [];
  const start = clock.now();
  const ask = (isThere: boolean) =>
    advisory.ask(async () => {
      askedAt.push(clock.now() - start);
      if (!isThere) throw new Error('no reply within 50 ms');
    }, undefined);
  await Promise.all([ask(false), ask(false), ask(false)]); // three fail together: that is one failure
  for (let ms = 0; ms < 4000; ms += 50) {
    clock.advance(50);
    await ask(false);
  }
  expect(askedAt).toEqual([0, 0, 0, 100, 300, 700, 1500, 2500, 3500]);
  clock.advance(1000);
  await ask(true);
  await ask(false);
  clock.advance(100);
  await ask(true);
  expect(advisory.isDegraded).toBe(false);
});

/** Questions whose answers the test gives. */
function questions() {
  const asked: { answer(text: string): void; fail(): void }[] = [];
  const call = () =>
    new Promise<string>((resolve, reject) => {
      asked.push({ answer: resolve, fail: () => reject(new Error('no reply within 50 ms')) });
    });
  return { asked, call };
}

it('while one call asks whether a slow store is back, no other waits for it', async () => {
  const clock = new ManualClock();
  const advisory = createAdvisory('budget-store', clock, { emit: () => {} });
  const { asked, call } = questions();
  const failing = advisory.ask(call, 'fallback');
  asked[0]?.fail();
  await failing;
  clock.advance(1000);
  const probe = advisory.ask(call, 'fallback');
  expect(await Promise.all([advisory.ask(call, 'fallback'), advisory.ask(call, 'fallback')])).toEqual([
    'fallback',
    'fallback',
  ]);
  asked[1]?.fail();
  expect(await probe).toBe('fallback');
  expect(asked).toHaveLength(2);
  clock.advance(1000);
  const next = advisory.ask(call, 'fallback');
  asked[2]?.answer('back');
  expect(await next).toBe('back');
  expect(advisory.isDegraded).toBe(false);
});

it('a late answer to a question from before the failure is used, and is no recovery', async () => {
  const clock = new ManualClock();
  const events: PipelineEvent[] = [];
  const advisory = createAdvisory('budget-store', clock, { emit: (event) => events.push(event) });
  const { asked, call } = questions();
  const [early, failing] = [advisory.ask(call, 'fallback'), advisory.ask(call, 'fallback')];
  asked[1]?.fail();
  await failing;
  asked[0]?.answer('late');
  expect(await early).toBe('late');
  expect(advisory.isDegraded).toBe(true); // whoever goes on without it now says so
  expect(await advisory.ask(call, 'fallback')).toBe('fallback');
  expect(events.map(({ type }) => type)).toEqual(['degraded']);
});
