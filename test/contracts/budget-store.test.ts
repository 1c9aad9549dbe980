// BudgetStore in memory and on Redis pass one suite.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { MemoryBudgetStore } from '../../src/adapters/memory/budget-store.ts';
import { RedisBudgetStore } from '../../src/adapters/redis/budget-store.ts';
import { ManualClock } from '../fakes/manual-clock.ts';
import { realServers } from '../helpers/servers/servers.ts';
import { budgetStoreContract } from './budget-store.ts';

budgetStoreContract('memory', async () => {
  const clock = new ManualClock();
  const store = new MemoryBudgetStore(clock);
  return { store: async () => store, pass: async (ms) => clock.advance(ms) };
});

budgetStoreContract('Redis', async () => {
  const servers = await realServers();
  if (servers === null) return null;
  const keyPrefix = `test-${randomUUID()}`;
  return {
    async store() {
      const store = new RedisBudgetStore({ url: servers.redisUrl, keyPrefix, timeoutMs: 2000 });
      await store.start();
      return store;
    },
    pass: (ms) => pause(ms), // the server's clock can't be moved: the suite asks again until its time has gone by
  };
});
