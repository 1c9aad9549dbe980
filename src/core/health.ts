// How a worker is, from what its pipeline tells: for whoever asks from outside whether it can be given work, or must be replaced. Pure.
import type { PipelineEvent } from './events.ts';
import { partitionKey } from './frame-record.ts';

export interface Health {
  /** starting → running → draining → stopped, or failed from anywhere. */
  readonly phase: 'starting' | 'running' | 'draining' | 'stopped' | 'failed';
  /** Stores that it goes on without. */
  readonly degraded: readonly string[];
  /** True while it holds as much as it may: frames wait in Kafka. */
  readonly isPaused: boolean;
  /** topic/partition */
  readonly partitions: readonly string[];
  readonly engine: string | null;
  readonly model: string | null;
}

export const FIRST_HEALTH: Health = {
  ...{ phase: 'starting', degraded: [], isPaused: false, partitions: [], engine: null, model: null },
};

export function healthAfter(health: Health, event: PipelineEvent): Health {
  switch (event.type) {
    case 'started':
      return { ...health, phase: 'running', engine: event.engine, model: event.model };
    case 'assigned':
      return {
        ...health,
        partitions: [...without(health.partitions, partitionKey(event)), partitionKey(event)].sort(),
      };
    case 'revoked':
      return { ...health, partitions: without(health.partitions, partitionKey(event)) };
    case 'paused':
    case 'resumed':
      return { ...health, isPaused: event.type === 'paused' };
    case 'degraded':
      return { ...health, degraded: [...without(health.degraded, event.what), event.what] };
    case 'recovered':
      return { ...health, degraded: without(health.degraded, event.what) };
    case 'failed':
      return { ...health, phase: 'failed' };
    case 'drained':
      return { ...health, phase: 'stopped' };
    default:
      return health;
  }
}

/** It takes frames. Without Redis it does too: that is said, and no reason to send it none. */
export function isReady({ phase }: Health): boolean {
  return phase === 'running';
}

/** Replacing it would not help, or is not needed. */
export function isAlive({ phase }: Health): boolean {
  return phase !== 'failed';
}

function without(list: readonly string[], one: string): string[] {
  return list.filter((other) => other !== one);
}
