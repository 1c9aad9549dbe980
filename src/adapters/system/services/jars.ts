// Kafka and Redis as jars from Maven Central, fetched once with mvn and kept in the user's cache.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AnytimeError, messageOf } from '../../../errors.ts';

const run = promisify(execFile);

const KAFKA = '4.1.0';
/** A jar that carries redis-server binaries (Redis 6.2) for Linux, macOS and Windows. */
const EMBEDDED_REDIS = '1.4.3';
const FETCH_TIMEOUT_MS = 300_000;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>anytime-stream</groupId><artifactId>servers</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA}</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.24.3</version></dependency>
    <dependency><groupId>com.github.codemonstur</groupId><artifactId>embedded-redis</artifactId><version>${EMBEDDED_REDIS}</version></dependency>
  </dependencies>
</project>
`;

/**
 * Folder with the jars, fetched when the cache has none (about 45 MB).
 * Errors: broker-unavailable, saying what is missing, where there is no mvn or Maven Central cannot be reached.
 */
export async function fetchJars(cacheFolder: string, say: (line: string) => void): Promise<string> {
  const name = `jars-kafka-${KAFKA}-redis-${EMBEDDED_REDIS}`;
  const folder = join(cacheFolder, name);
  if ((await readdir(folder).catch(() => [])).length > 0) return folder;
  say('Fetching Kafka and Redis from Maven Central (once, about 45 MB) …');
  await mkdir(cacheFolder, { recursive: true });
  const draft = await mkdtemp(join(cacheFolder, 'fetching-'));
  try {
    await writeFile(join(draft, 'pom.xml'), POM);
    const args = ['-q', '-B', '-f', join(draft, 'pom.xml'), 'dependency:copy-dependencies'];
    await run('mvn', [...args, `-DoutputDirectory=${join(draft, 'libs')}`], { timeout: FETCH_TIMEOUT_MS });
    await rename(join(draft, 'libs'), folder).catch(async (error: NodeJS.ErrnoException) => {
      // Another process was faster: its jars are as good.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    return folder;
  } catch (cause) {
    throw new AnytimeError(
      'broker-unavailable',
      `Expected mvn to fetch the servers' jars, got: ${whyMavenFailed(cause)}`,
      {
        cause,
      },
    );
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** The jar of that artifact in the folder. */
export async function findJar(folder: string, artifact: string): Promise<string> {
  const file = (await readdir(folder)).find((name) => name.startsWith(`${artifact}-`) && name.endsWith('.jar'));
  if (!file) throw new AnytimeError('broker-unavailable', `Expected a jar of ${artifact} in ${folder}, found none`);
  return join(folder, file);
}

function whyMavenFailed(cause: unknown): string {
  if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return 'no mvn on the PATH (install Maven, or start Docker)';
  const output = `${(cause as { stdout?: string }).stdout ?? ''}`;
  return output.split('\n').find((line) => line.startsWith('[ERROR]')) ?? messageOf(cause);
}
