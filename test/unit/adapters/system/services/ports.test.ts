// Free ports, and a wanted one that is taken.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../../../../../src/adapters/system/services/ports.ts';

test('0 gives any free port, a free one gives itself, a taken one is an error that says for what', async () => {
  const port = await freePort(0, 'Kafka');
  expect(port).toBeGreaterThan(0);
  expect(await freePort(port, 'Kafka')).toBe(port);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const taken = (server.address() as AddressInfo).port;
  await expect(freePort(taken, 'Kafka')).rejects.toThrow(
    `Expected port ${taken} to be free for Kafka, but it is taken`,
  );
  server.close();
});
