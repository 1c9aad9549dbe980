// The programs on a Kafka and a Redis that want TLS, users and passwords, under the topics' own names and the rights of SECURITY.md;
// and no password in anything they print, whatever way it was given.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTopics } from '../../src/adapters/kafka/topics.ts';
import { loadConfig } from '../../src/config.ts';
import { kafkaConnection } from '../../src/connections.ts';
import { type CliRun, killOpenClis, lastJson, startCli } from '../helpers/run-cli.ts';
import { type SecureServerAddresses, secureSettings } from '../helpers/servers/secure-settings.ts';
import { secureServers } from '../helpers/servers/servers.ts';

let servers: SecureServerAddresses;
let folder: string;

beforeEach(async ({ skip }) => {
  const found = await secureServers();
  if (found === null) return skip('no server');
  servers = found;
  folder = await mkdtemp(join(tmpdir(), 'cli-secure-'));
});
afterEach(async () => {
  killOpenClis();
  await rm(folder, { recursive: true, force: true });
});

const file = async (name: string, content: string | Buffer) => {
  await writeFile(join(folder, name), content);
  return join(folder, name);
};
/** Everything but the passwords in a settings file. */
async function settingsFile(user: string): Promise<string> {
  const { kafkaPassword, redisPassword, redisUser, ...settings } = secureSettings(servers, user);
  expect([kafkaPassword, redisPassword, redisUser]).not.toContain(undefined);
  const forWorker = { ...settings, redisUser, backend: 'wasm', deadlineMs: 'none' };
  return await file(`${user}.json`, JSON.stringify(user === 'worker' ? forWorker : { ...settings, redisUser: 'none' }));
}
function expectNoSecret(...runs: CliRun[]): void {
  for (const { stdout, stderr } of runs)
    for (const secret of Object.values(servers.passwords)) expect(`${stdout}\n${stderr}`).not.toContain(secret);
}

test('a frame goes through worker, sender and watcher, each as its own user', async () => {
  const admin = kafkaConnection(loadConfig({ environment: {}, flags: secureSettings(servers, 'admin') }));
  const names = ['frames', 'frames.coarse', 'frames.refined', 'frames.dlq'];
  await createTopics(
    admin,
    names.map((topic) => ({ topic, partitions: 1 })),
  );
  const { worker: workerPassword = '', sender = '', watcher = '' } = servers.passwords;

  const inEnvironment = { ANYTIME_KAFKA_PASSWORD: workerPassword, ANYTIME_REDIS_PASSWORD: workerPassword };
  const config = await settingsFile('worker');
  const worker = startCli('anytime.ts', ['worker', '--config', config, '--log-level', 'debug'], inEnvironment);
  const image = sharp({ create: { width: 40, height: 40, channels: 3, background: 'red' } });
  const path = await file('frame.png', await image.png().toBuffer());
  const asFlag = ['--kafka-password-file', await file('sender-password', `${sender}\n`)];
  const sending = startCli('anytime.ts', ['send', path, '--config', await settingsFile('sender'), ...asFlag]);
  const watching = startCli(
    'anytime.ts',
    ['watch', '--config', await settingsFile('watcher'), '--from-beginning', '--until-final', '1', '--json'],
    { ANYTIME_KAFKA_PASSWORD_FILE: await file('watcher-password', watcher) },
  );
  const looking = startCli('anytime.ts', ['doctor', '--config', config, '--json'], inEnvironment);
  const [send, watch, doctor] = await Promise.all([sending.done, watching.done, looking.done]);
  expect(send).toMatchObject({ code: 0 });
  expect(lastJson(watch)).toMatchObject({ final: 1, deadLettered: 0 });
  const { checks } = lastJson<{ checks: { name: string; state: string }[] }>(doctor);
  for (const name of ['Kafka', 'topics', 'Redis'])
    expect(checks).toContainEqual(expect.objectContaining({ name, state: 'ok' }));
  worker.child.kill('SIGTERM');
  const ended = await worker.done;
  expect(ended).toMatchObject({ code: 0 });
  expectNoSecret(send, watch, doctor, ended);
}, 180_000);

test('a wrong password is said in one line, without it, also when debugging', async () => {
  const wrong = servers.passwords['operator'] ?? '';
  const path = await file('frame.png', Buffer.from('x'));
  const config = await settingsFile('sender');
  const settings = { ANYTIME_KAFKA_PASSWORD: wrong, ANYTIME_DEBUG: '1' };
  const send = await startCli('anytime.ts', ['send', path, '--config', config], settings).done;
  expect(send).toMatchObject({ code: 1, stderr: expect.stringMatching(/wrong user or password/) });
  const flag = await startCli('anytime.ts', ['send', path, `--kafka-password=${wrong}`]).done;
  expect(flag).toMatchObject({ code: 2, stderr: expect.stringMatching(/got --kafka-password/) });
  expectNoSecret(send, flag);
}, 120_000);
