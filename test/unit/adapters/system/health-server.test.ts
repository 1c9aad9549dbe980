// Probes over HTTP: what they ask, and what they are told.

import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type HealthServer, startHealthServer } from '../../../../src/adapters/system/health-server.ts';
import { FIRST_HEALTH, type Health } from '../../../../src/core/health.ts';

let server: HealthServer | null = null;
let health: Health = FIRST_HEALTH;
afterEach(async () => {
  await server?.stop();
  server = null;
  health = FIRST_HEALTH;
});
const start = async () => {
  server = await startHealthServer('127.0.0.1:0', () => health);
  return `http://127.0.0.1:${server.port}`;
};

it.each([
  ['starting', 200, 503],
  ['running', 200, 200],
  ['draining', 200, 503],
  ['failed', 503, 503],
] as const)('%s: /healthz %i, /readyz %i', async (phase, live, ready) => {
  const base = await start();
  health = { ...FIRST_HEALTH, phase, degraded: ['budget-store'] };
  for (const [path, status] of [
    ['healthz', live],
    ['readyz', ready],
  ]) {
    const response = await fetch(`${base}/${path}`);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual(health);
  }
});

it('knows nothing else, and takes nothing', async () => {
  const base = await start();
  expect((await fetch(`${base}/metrics`)).status).toBe(404);
  expect((await fetch(`${base}/readyz`, { method: 'POST', body: 'x' })).status).toBe(405);
});

it('an address that is taken is a clear error', async () => {
  await start();
  const taken = `127.0.0.1:${server?.port}`;
  const error = {
    code: 'bad-argument',
    message: expect.stringMatching(/Expected to listen on 127\.0\.0\.1:\d+.*EADDRINUSE/),
  };
  await expect(startHealthServer(taken, () => health)).rejects.toMatchObject(error);
});

it('so is a port that cannot be', async () => {
  await expect(startHealthServer('127.0.0.1:70000', () => health)).rejects.toMatchObject({ code: 'bad-argument' });
});

it('stops although somebody stays connected and says nothing', async () => {
  await start();
  const silent = connect(server?.port ?? 0, '127.0.0.1');
  await once(silent, 'connect');
  silent.on('error', () => {});
  await server?.stop();
  server = null;
});
