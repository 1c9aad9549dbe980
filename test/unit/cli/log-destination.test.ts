// A log that cannot be written ends nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { expect, it } from 'vitest';

const FULL = '/dev/full'; // every write to it fails as on a full disk

it.skipIf(!existsSync(FULL))('a process whose stderr is full goes on', async () => {
  const code = `
    import pino from 'pino';
    import { logDestination } from './src/cli/log-destination.ts';
    const log = pino({}, logDestination());
    for (let i = 0; i < 3; i++) {
      log.info('line');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    console.log('lives');`;
  const full = openSync(FULL, 'w');
  const args = ['--import', 'tsx', '--input-type=module', '-e', code];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', full] });
  closeSync(full);
  let said = '';
  child.stdout?.on('data', (chunk) => (said += chunk));
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(said).toBe('lives\n');
});
