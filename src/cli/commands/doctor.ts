// `anytime doctor`: what is there, what is missing, and what to do about it.
import { Command } from 'commander';
import { plainText } from '../../core/plain-text.ts';
import { addConfigFlags, configOf, KAFKA_SETTINGS, REDIS_CONNECTION_SETTINGS } from '../config-flags.ts';
import type { Check } from '../doctor/check.ts';
import { checkBundle, checkEngines, checkNode } from '../doctor/check-machine.ts';
import { checkSecrecy } from '../doctor/check-secrecy.ts';
import { checkKafka, checkRedis } from '../doctor/check-services.ts';
import { createOutput, type Output } from '../output.ts';
import { EXIT_FAILED } from '../run-program.ts';

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('Look at Node, the engines, the bundle, Kafka and Redis; say what to do about what is missing')
    .option('--json', 'end with one JSON document on stdout');
  return addConfigFlags(command, [...KAFKA_SETTINGS, ...REDIS_CONNECTION_SETTINGS, 'model', 'backend'])
    .addHelpText('after', EXAMPLES)
    .action(run);
}

async function run(flags: { readonly json?: boolean }): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const config = configOf({ ...flags });
  const [kafka, redis, bundle] = await Promise.all([checkKafka(config), checkRedis(config), checkBundle(config.model)]);
  const engines = await checkEngines(config.backend); // last: native code blocks this thread
  const checks = [checkNode(process.versions.node), ...engines, bundle, ...kafka, redis, checkSecrecy(config)];
  for (const check of checks) output.say(checkLine(check, output));
  const isHealthy = checks.every(({ state }) => state !== 'fail');
  output.document({ ok: isHealthy, checks });
  if (!isHealthy) process.exitCode = EXIT_FAILED;
}

/** "ok    Redis    7.0.15 …", and below it what to do. */
export function checkLine({ name, state, found, advice }: Check, { colours }: Pick<Output, 'colours'>): string {
  const paint = { ok: colours.green, warn: colours.yellow, fail: colours.red }[state];
  const line = `${paint(state.padEnd(5))} ${name.padEnd(19)} ${plainText(found)}`;
  return advice === null ? line : `${line}\n${' '.repeat(26)}→ ${plainText(advice)}`;
}

const EXAMPLES = `
Exit code 1 when something that is needed is missing. Redis is not needed; neither is the native engine.

Examples:
  anytime doctor
  anytime doctor --kafka-brokers kafka:9092 --redis-url redis://redis:6379 --json`;
