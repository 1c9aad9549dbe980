// A redis-server without persistence: the one on the PATH, else the binary inside the embedded-redis jar.
import { chmod, mkdir, mkdtemp, rename, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { AnytimeError } from '../../../errors.ts';
import { type Child, startChild } from './child.ts';
import { findJar } from './jars.ts';
import { readZipEntry } from './zip-entry.ts';

/** Starts the server and returns at once; it answers some milliseconds later. `port` must be free. */
export async function startRedis(binary: string, port: number): Promise<Child> {
  const folder = await mkdtemp(join(tmpdir(), 'anytime-redis-'));
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  return startChild(folder, binary, args);
}

/** redis-server on the PATH; null when there is none. */
export async function redisOnPath(path: string): Promise<string | null> {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const candidate = join(folder, 'redis-server');
    if (
      await stat(candidate).then(
        (found) => found.isFile(),
        () => false,
      )
    )
      return candidate;
  }
  return null;
}

/** The jar's redis-server for this machine, unpacked beside the jars once. */
export async function redisFromJar(jarFolder: string): Promise<string> {
  const binary = join(dirname(jarFolder), 'redis', 'redis-server');
  if (
    await stat(binary).then(
      () => true,
      () => false,
    )
  )
    return binary;
  const system = { linux: 'linux', darwin: 'darwin' }[process.platform as string];
  const cpu = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
  if (!system || !cpu) {
    const message = `Expected Linux or macOS on x64 or arm64 for the Redis in the jar, got ${process.platform} ${process.arch}`;
    throw new AnytimeError('store-unavailable', message);
  }
  const isOurs = (name: string) => name.includes('redis-server') && name.endsWith(`${system}-${cpu}`);
  const bytes = await readZipEntry(await findJar(jarFolder, 'embedded-redis'), isOurs);
  await mkdir(dirname(binary), { recursive: true });
  const draft = `${binary}.${process.pid}`;
  await writeFile(draft, bytes);
  await chmod(draft, 0o755);
  await rename(draft, binary);
  return binary;
}
