// What a broker says of itself, as the doctor's lines; what the doctor leaves in Redis.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { brokerChecks, checkRedis } from '../../../../src/cli/doctor/check-services.ts';
import { loadConfig } from '../../../../src/config.ts';

const config = loadConfig({ environment: {} });
const report = {
  clusterId: 'c',
  brokers: [{ id: 1, address: 'kafka:9092' }],
  apis: [{ name: 'Fetch', min: 4, max: 17, isUsable: true }],
  topics: ['frames', 'frames.coarse', 'frames.refined', 'frames.dlq'].map((name) => ({ name, partitions: 3 })),
};

it('is content with a broker that has all topics', () => {
  const checks = brokerChecks(report, config);
  expect(checks.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok']);
  expect(checks[2]?.found).toContain('frames.dlq (3)');
});

it('names missing topics and how to make them', () => {
  const [, , topics] = brokerChecks({ ...report, topics: [{ name: 'frames', partitions: 1 }] }, config);
  expect(topics).toMatchObject({ state: 'warn', found: 'missing: frames.coarse, frames.refined, frames.dlq' });
  expect(topics?.advice).toContain('--create-topics');
});

it('fails on a broker whose requests it cannot speak', () => {
  const apis = [{ name: 'Fetch', min: 20, max: 21, isUsable: false }];
  expect(brokerChecks({ ...report, apis }, config)[1]).toMatchObject({ state: 'fail', found: 'unusable: Fetch 20–21' });
});

it('writes nothing to Redis that lives for more than a second', async () => {
  const calls: string[][] = [];
  const replies: Record<string, (args: readonly string[]) => string> = {
    info: () => '$30\r\nredis_version:7.4.1\r\nloading:0\r\n',
    ping: () => '+PONG\r\n',
    script: (args) => `*${args.length - 1}\r\n${':1\r\n'.repeat(args.length - 1)}`,
    evalsha: ([, , key]) => (key?.includes('remembers') ? '$1\r\n1\r\n' : `*7\r\n${'$1\r\n1\r\n'.repeat(7)}`),
  };
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      for (const text of chunk.toString().split(/^\*\d+\r\n/m)) {
        const [name, ...args] = text.split('\r\n').filter((_, i) => i % 2 === 1);
        if (name === undefined) continue;
        calls.push([name, ...args]);
        socket.write(replies[name.toLowerCase()]?.(args) ?? '+OK\r\n');
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const redisUrl = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await checkRedis({ ...config, redisUrl })).toMatchObject({ state: 'ok' });
  server.close();
  const written = calls.filter(([name]) => name?.toLowerCase() === 'evalsha');
  expect(written.map(([, , , key]) => key)).toContain('anytime:doctor:{remembers}');
  for (const [, , , , ttlMs] of written) expect(ttlMs).toBe('1000');
});
