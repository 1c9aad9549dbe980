// Whether this machine has what a program needs that starts a Kafka and a Redis of its own: Java with the jars, and redis-server.
import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fetchJars } from '../../../src/adapters/system/services/jars.ts';
import { redisFromJar, redisOnPath } from '../../../src/adapters/system/services/redis-process.ts';
import { skipLoudly } from './skip-loudly.ts';

/** False when not: then the tests that need them are skipped, loudly; with CI set (to anything but false) this throws instead. */
export async function hasOwnPrograms(environment = process.env): Promise<boolean> {
  try {
    await promisify(execFile)('java', ['-version']);
    const cache = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
    const jars = await fetchJars(join(cache, 'anytime-stream', 'servers'), console.error);
    (await redisOnPath(environment['PATH'] ?? '')) ?? (await redisFromJar(jars));
    return true;
  } catch (error) {
    skipLoudly(`No Kafka and Redis for the tests that break them: ${error}`, environment);
    return false;
  }
}
