// The scenarios by name.
import { hostile } from './hostile.ts';
import { killOne } from './kill-one.ts';
import { redisKilled } from './redis-killed.ts';
import type { ScenarioOptions } from './set-up.ts';
import { slowFrame } from './slow-frame.ts';

export const SCENARIOS = {
  'slow-frame': slowFrame,
  'kill-one': killOne,
  'redis-killed': redisKilled,
  hostile,
} as const satisfies Record<string, (options: ScenarioOptions) => Promise<{ readonly isPassed: boolean }>>;
export type ScenarioName = keyof typeof SCENARIOS;
