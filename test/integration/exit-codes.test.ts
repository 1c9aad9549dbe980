// How a worker process ends where no Kafka helps it: told by its exit code.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { killOpenClis, runCli, startCli } from '../helpers/run-cli.ts';
import { useTinyBundle } from '../helpers/tiny-bundle.ts';

const LIMIT_MS = 60_000;

const bundle = useTinyBundle();
let server: Server | undefined;
afterEach(() => {
  killOpenClis();
  server?.close();
  server = undefined;
});

/** A broker that takes connections and never answers. */
async function silentBroker(): Promise<string> {
  const made = createServer((socket) => socket.on('error', () => {}).unref()).listen(0, '127.0.0.1');
  made.unref();
  server = made;
  await once(made, 'listening');
  return `127.0.0.1:${(made.address() as AddressInfo).port}`;
}

/** A port where nobody listens. */
async function noBroker(): Promise<string> {
  const broker = await silentBroker();
  server?.close();
  return broker;
}

const flags = (broker: string, model: string) => ['--kafka-brokers', broker, '--model', model, '--backend', 'wasm'];

it('no broker: 4', { timeout: LIMIT_MS }, async () => {
  const { code, stderr } = await runCli('anytime.ts', 'worker', ...flags(await noBroker(), bundle.folder));
  expect(code, stderr).toBe(4);
  expect(stderr).toContain('"code":"broker-unavailable"');
});

it('no bundle: 1; no such setting: 2', { timeout: LIMIT_MS }, async () => {
  const { code, stderr } = await runCli('anytime.ts', 'worker', ...flags('127.0.0.1:1', '/nowhere'));
  expect(code, stderr).toBe(1);
  expect((await runCli('anytime.ts', 'worker', '--max-attempts', '1')).code).toBe(2);
});

it('tells probes that it lives and is not ready, from its first moment to its last', {
  timeout: LIMIT_MS,
}, async () => {
  const address = await noBroker(); // a free one
  const broker = await silentBroker();
  const worker = startCli('anytime.ts', ['worker', ...flags(broker, bundle.folder), '--health-address', address]);
  await once(server as Server, 'connection');
  const ask = async (path: string) => {
    const response = await fetch(`http://${address}/${path}`);
    return [response.status, ((await response.json()) as { phase: string }).phase];
  };
  expect(await ask('healthz')).toEqual([200, 'starting']);
  expect(await ask('readyz')).toEqual([503, 'starting']);
  worker.child.kill('SIGTERM');
  await worker.said('"event":"draining"');
  worker.child.kill('SIGTERM');
  expect((await worker.done).code).toBe(130);
  await expect(fetch(`http://${address}/healthz`)).rejects.toThrow();
});

it('a second signal ends it at once: 130', { timeout: LIMIT_MS }, async () => {
  const worker = startCli('anytime.ts', ['worker', ...flags(await silentBroker(), bundle.folder)]);
  await once(server as Server, 'connection');
  worker.child.kill('SIGTERM');
  await worker.said('"event":"draining"');
  worker.child.kill('SIGTERM');
  const { code, stderr } = await worker.done;
  expect(code, stderr).toBe(130);
  expect(stderr).toContain('"event":"aborting"');
});

it('waits for a broker that is to make its topics too, and leaves in order when told to meanwhile: 0', {
  timeout: LIMIT_MS,
}, async () => {
  const broker = await noBroker();
  const worker = startCli('anytime.ts', ['worker', '--create-topics', '1', ...flags(broker, bundle.folder)]);
  await worker.said('make the topics');
  worker.child.kill('SIGTERM');
  const { code, stderr } = await worker.done;
  expect(code, stderr).toBe(0);
});
