// How a worker is, from its events.
import { expect, it } from 'vitest';
import type { PipelineEvent } from '../../../src/core/events.ts';
import { FIRST_HEALTH, type Health, healthAfter, isAlive, isReady } from '../../../src/core/health.ts';

const after = (...events: PipelineEvent[]): Health => events.reduce(healthAfter, FIRST_HEALTH);
const started: PipelineEvent = { type: 'started', engine: 'wasm', model: 'glyphs@2' };
const assigned = (partition: number, epoch = 1): PipelineEvent => ({
  type: 'assigned',
  topic: 'frames',
  partition,
  epoch,
});

it('is ready from its start to its end, alive unless it failed', () => {
  expect([isReady(FIRST_HEALTH), isAlive(FIRST_HEALTH)]).toEqual([false, true]);
  expect(isReady(after(started))).toBe(true);
  expect(after(started)).toMatchObject({ engine: 'wasm', model: 'glyphs@2' });
  const failed = after(started, { type: 'failed', reason: 'the engine crashed 11 times' });
  expect([isReady(failed), isAlive(failed)]).toEqual([false, false]);
  const drained = after(started, { type: 'drained', inMs: 5 });
  expect([isReady(drained), isAlive(drained)]).toEqual([false, true]);
});

it('stays ready without its stores, and says which it misses', () => {
  const degraded = (what: 'budget-store' | 'depth-store'): PipelineEvent => ({
    type: 'degraded',
    what,
    reason: 'away',
  });
  const health = after(started, degraded('budget-store'), degraded('depth-store'), degraded('budget-store'));
  expect(isReady(health)).toBe(true);
  expect(health.degraded).toEqual(['depth-store', 'budget-store']);
  expect(healthAfter(health, { type: 'recovered', what: 'budget-store' }).degraded).toEqual(['depth-store']);
});

it('names the partitions it has, once each, however often they are assigned', () => {
  const revoked: PipelineEvent = { type: 'revoked', topic: 'frames', partition: 1 };
  const health = after(assigned(1), assigned(0), assigned(0, 2));
  expect(health.partitions).toEqual(['frames/0', 'frames/1']);
  expect(healthAfter(health, revoked).partitions).toEqual(['frames/0']);
});

it('tells that it is paused', () => {
  const paused = after(started, { type: 'paused', heldFrames: 2000, heldBytes: 1 });
  expect(paused.isPaused).toBe(true);
  expect(healthAfter(paused, { type: 'resumed' }).isPaused).toBe(false);
});
