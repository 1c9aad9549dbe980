// Collecting the heaps of a process on a signal: of all its threads, garbage gone, what is held left.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { typeScriptLoader } from '../../../../src/start-thread.ts';
import { scratchFolder, writeTree } from '../../../helpers/data-set-files.ts';

const COLLECT = new URL('../../../../src/cli/soak/collect-on-signal.ts', import.meta.url).href;
/** Some 40 MB that a thread holds, and as much that it let go. */
const HOLDS = `const fill = () => Array.from({ length: 1e6 }, (_, i) => ({ i }));
  globalThis.held = fill(); fill();`;
const TELLS = `import { parentPort } from 'node:worker_threads';
  parentPort.postMessage('ready'); setInterval(() => {}, 1000);`;

const folder = await scratchFolder();

async function liveHeapBytesWith(name: string, work: string): Promise<number> {
  const thread = join(await writeTree(folder, { [name]: `${TELLS}\n${work}` }), name);
  const main = `import { Worker } from 'node:worker_threads';
    const options = { execArgv: ['--import', ${JSON.stringify(typeScriptLoader())}] };
    new Worker(${JSON.stringify(thread)}, options).on('message', () => console.error('ready'));
    setInterval(() => {}, 1000);`;
  const flags = ['--expose-gc', '--import', 'tsx', '--import', COLLECT, '--input-type=module', '--eval', main];
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    for await (const line of createInterface({ input: child.stderr })) {
      if (line === 'ready') child.kill('SIGUSR2');
      if (!line.startsWith('{')) continue;
      const told = JSON.parse(line);
      expect(told).toMatchObject({ event: 'collected' });
      return told.liveHeapBytes;
    }
    throw new Error('Expected a log line, the process ended');
  } finally {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

it('tells what the main thread and the threads that it started hold, and no garbage', async () => {
  const [idle, holding] = await Promise.all([
    liveHeapBytesWith('idle.mjs', ''),
    liveHeapBytesWith('holding.mjs', HOLDS),
  ]);
  const mb = (holding - idle) / 1e6;
  expect(mb).toBeGreaterThan(20);
  expect(mb).toBeLessThan(45);
}, 30_000);
