// Flags that measuring commands share: which services to use, and the workers' settings, given through to each worker.
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { wholeNumber } from '../arguments.ts';
import { addConfigFlags, configOf, flagName, type SettingName } from '../config-flags.ts';

export interface ServiceFlags {
  readonly kafkaBrokers?: string;
  readonly redisUrl?: string;
}

/** `settings`: those of the workers that may be given. */
export function addMeasuringFlags(command: Command, settings: readonly SettingName[]): Command {
  command
    .option('--seed <n>', 'same seed, same order and gaps', wholeNumber('--seed', 'a seed', 0), 1)
    .option('--kafka-brokers <list>', 'use these instead of starting a Kafka (with --redis-url)')
    .option('--redis-url <url>', 'use this instead of starting a Redis (with --kafka-brokers)')
    .option('--json-only', 'nothing but the document');
  return addConfigFlags(command, settings);
}

/** The settings that flags leave, and the services where both are named. Errors: bad-argument. */
export function measuringConfig(flags: ServiceFlags, settings: readonly SettingName[]) {
  const { kafkaBrokers, redisUrl } = flags;
  const named = kafkaBrokers !== undefined && redisUrl !== undefined;
  const config = configOf({
    ...Object.fromEntries(settings.map((name) => [name, (flags as Record<string, unknown>)[name]])),
    ...(named && { kafkaBrokers, redisUrl }),
  });
  return { config, named: named ? config : null };
}

/** Flags of each of so many workers on this machine: each its part of the cores, unless said otherwise. */
export function workerFlags(
  config: ReturnType<typeof measuringConfig>['config'],
  settings: readonly SettingName[],
  workers: number,
): string[] {
  const threads = config.threads || Math.max(1, Math.floor(availableParallelism() / workers));
  const others = settings.filter((name) => name !== 'threads');
  return [
    ...others.flatMap((name) => [flagName(name), String(config[name] ?? 'none')]),
    ...['--threads', String(threads)],
  ];
}
