// A Redis of one test file's own, to be broken in every way: nobody else uses it.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { probeRedis } from '../../../src/adapters/redis/probe.ts';
import { fetchJars } from '../../../src/adapters/system/services/jars.ts';
import { freePort } from '../../../src/adapters/system/services/ports.ts';
import { untilReady } from '../../../src/adapters/system/services/ready.ts';
import { redisFromJar, redisOnPath, startRedis } from '../../../src/adapters/system/services/redis-process.ts';
import { skipLoudly } from './skip-loudly.ts';

export interface OwnRedis {
  readonly port: number;
  /** Starts it again, empty, on the same port. */
  start(): Promise<void>;
  /** Ends it at once. */
  kill(): Promise<void>;
}

/** Null when none can be had: then its tests are skipped, loudly; with CI set (to anything but false) this throws instead. */
export async function ownRedis(environment = process.env): Promise<OwnRedis | null> {
  try {
    return await startOwn(environment);
  } catch (error) {
    return skipLoudly(`No Redis for the tests that need one: ${error}`, environment);
  }
}

async function startOwn(environment: NodeJS.ProcessEnv): Promise<OwnRedis> {
  const cache = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const jars = join(cache, 'anytime-stream', 'servers');
  const binary =
    (await redisOnPath(environment['PATH'] ?? '')) ?? (await redisFromJar(await fetchJars(jars, console.error)));
  const port = await freePort(0, 'a Redis of its own');
  const start = async () => {
    const child = await startRedis(binary, port);
    await untilReady('Redis', async () => void (await probeRedis(`redis://127.0.0.1:${port}`)), child);
    return child;
  };
  let child = await start();
  return {
    port,
    async start() {
      child = await start();
    },
    kill: () => child.stop(),
  };
}
