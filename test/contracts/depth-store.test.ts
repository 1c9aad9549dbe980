// DepthStore in memory and on Redis pass one suite.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { MemoryDepthStore } from '../../src/adapters/memory/depth-store.ts';
import { RedisDepthStore } from '../../src/adapters/redis/depth-store.ts';
import { ManualClock } from '../fakes/manual-clock.ts';
import { realServers } from '../helpers/servers/servers.ts';
import { depthStoreContract } from './depth-store.ts';

depthStoreContract('memory', async () => {
  const clock = new ManualClock();
  const store = new MemoryDepthStore(clock);
  return { store: async () => store, pass: async (ms) => clock.advance(ms) };
});

depthStoreContract('Redis', async () => {
  const servers = await realServers();
  if (servers === null) return null;
  const keyPrefix = `test-${randomUUID()}`;
  return {
    async store() {
      const store = new RedisDepthStore({ url: servers.redisUrl, keyPrefix, timeoutMs: 2000 });
      await store.start();
      return store;
    },
    pass: (ms) => pause(ms), // the server's clock can't be moved: the suite asks again until its time has gone by
  };
});
