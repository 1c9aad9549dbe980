// The scenarios by name.
import { hostile } from './hostile.ts';
import { killOne } from './kill-one.ts';
import { REDIS_KILLED_BURST_S, redisKilled } from './redis-killed.ts';
import type { ScenarioOptions } from './set-up.ts';
import { slowFrame } from './slow-frame.ts';

export const SCENARIOS = {
  'slow-frame': slowFrame,
  'kill-one': killOne,
  'redis-killed': redisKilled,
  hostile,
} as const satisfies Record<string, (options: ScenarioOptions) => Promise<{ readonly isPassed: boolean }>>;
export type ScenarioName = keyof typeof SCENARIOS;

/** What is sent where nothing else is said: frames a second, and frames in all. Of kill-one more than it comes to. */
const DEMANDS: Readonly<Record<ScenarioName, { rate: number; frames: (rate: number) => number }>> = {
  'slow-frame': { rate: 50, frames: () => 10_000 }, // as fast as they can be sent, whatever the rate
  'kill-one': { rate: 60, frames: () => 100_000 }, // half of what two workers hold on two cores
  'redis-killed': { rate: 50, frames: (rate) => Math.ceil(rate * REDIS_KILLED_BURST_S) },
  hostile: { rate: 15, frames: () => 20_000 },
};

export function demandOf(
  name: ScenarioName,
  asked: { readonly rate?: number; readonly frames?: number },
): { readonly rate: number; readonly frames: number } {
  const rate = asked.rate ?? DEMANDS[name].rate;
  return { rate, frames: asked.frames ?? DEMANDS[name].frames(rate) };
}

/** Frames a second of each scenario that streams, for the help. */
export function ratesText(): string {
  const streams = Object.entries(DEMANDS).filter(([name]) => name !== 'slow-frame');
  return streams.map(([name, { rate }]) => `${name} ${rate}`).join(', ');
}
