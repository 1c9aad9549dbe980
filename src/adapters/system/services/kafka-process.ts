// A one-node Kafka (KRaft) from the jars, in a temporary folder.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AnytimeError, messageOf } from '../../../errors.ts';
import { type Child, startChild } from './child.ts';
import { freePort } from './ports.ts';

const run = promisify(execFile);

/** Quick to start rather than quick at peak: a local broker lives for minutes. */
const JVM = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto', '-Dlog4j2.level=ERROR'];
const SETTINGS_FILE = 'server.properties';

/** Starts the broker and returns at once; it answers some seconds later. `port` must be free. */
export async function startKafka(jarFolder: string, port: number): Promise<Child> {
  const folder = await mkdtemp(join(tmpdir(), 'anytime-kafka-'));
  await prepareKafka(jarFolder, folder, port);
  return runKafka(jarFolder, folder);
}

/**
 * Makes a broker's folder: its settings (ours, then `more`) and an empty data directory. The folder is deleted when that fails.
 * Errors: broker-unavailable.
 */
export async function prepareKafka(
  jarFolder: string,
  folder: string,
  port: number,
  more: Readonly<Record<string, string | number>> = {},
): Promise<void> {
  const settings = join(folder, SETTINGS_FILE);
  await writeFile(settings, properties(folder, port, await freePort(0, 'the Kafka controller'), more));
  const clusterId = `A${randomBytes(16).toString('base64url').slice(1)}`; // never starts with a dash
  try {
    const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settings];
    await run('java', [...JVM, '-cp', join(jarFolder, '*'), ...format], { timeout: 60_000 });
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    const isAbsent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const why = isAbsent ? 'no java on the PATH (install Java 17 or newer, or start Docker)' : messageOf(cause);
    throw new AnytimeError('broker-unavailable', `Expected Java to prepare Kafka's folder, got: ${why}`, { cause });
  }
}

/** Runs the broker of a prepared folder; with `keepsFolder` it can be run again after it ended. */
export function runKafka(jarFolder: string, folder: string, keepsFolder = false): Child {
  const program = ['-Xmx512m', '-cp', join(jarFolder, '*'), 'kafka.Kafka', join(folder, SETTINGS_FILE)];
  return startChild(folder, 'java', [...JVM, ...program], keepsFolder);
}

function properties(
  folder: string,
  port: number,
  controllerPort: number,
  more: Readonly<Record<string, string | number>>,
): string {
  const values = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(folder, 'data').replaceAll('\\', '/'),
    'num.partitions': 1,
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4, // the default 50 takes a second to make and to load
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'log.flush.interval.messages': 100_000,
    ...more,
  };
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
