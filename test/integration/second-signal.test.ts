// A worker whose Kafka and Redis accept connections and say nothing, told to stop: once or twice, it is gone in time.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CliProcess, killOpenClis, startCli } from '../helpers/run-cli.ts';
import { until } from '../helpers/until.ts';

let silent: Server;
let sockets: Socket[] = [];

beforeEach(async () => {
  sockets = [];
  silent = createServer((socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
  });
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
});
afterEach(() => {
  killOpenClis();
  for (const socket of sockets) socket.destroy();
  silent.close();
});

async function startWorker(): Promise<CliProcess> {
  const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const flags = [
    '--kafka-brokers',
    address,
    '--redis-url',
    `redis://${address}`,
    '--backend',
    'cpu',
    '--max-batch',
    '1',
  ];
  const worker = startCli('anytime.ts', ['worker', ...flags, '--drain-ms', '2000']);
  // Kafka's and Redis': it is up and waits for answers.
  await until(() => sockets.length >= 3, 60_000);
  return worker;
}

it('twice: it ends within seconds with 130', async () => {
  const worker = await startWorker();
  worker.child.kill('SIGTERM');
  await worker.said('draining');
  worker.child.kill('SIGTERM');
  const from = performance.now();
  const { code } = await worker.done;
  expect(code).toBe(130);
  expect(performance.now() - from).toBeLessThan(3000 + 3000); // what an abort may take, and what a busy machine adds
}, 90_000);

it('once: it has left when the grace time and what leaving may take are over', async () => {
  const worker = await startWorker();
  const from = performance.now();
  worker.child.kill('SIGTERM');
  const { stderr } = await worker.done;
  expect(performance.now() - from).toBeLessThan(2000 + 15_000 + 5000);
  expect(stderr).toContain('draining');
}, 120_000);
