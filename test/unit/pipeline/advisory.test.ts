// A store that may be away delays nothing for long, and is told of once in each direction.
import { expect, it } from 'vitest';
import type { PipelineEvent } from '../../../src/core/events.ts';
import { createAdvisory } from '../../../src/pipeline/advisory.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';

it('falls back at once, leaves the store alone for a second, and recovers', async () => {
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
