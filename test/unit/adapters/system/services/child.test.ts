// A server process never outlives the one that started it, and its folder goes with it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { startChild } from '../../../../../src/adapters/system/services/child.ts';
import { until } from '../../../../helpers/until.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'anytime-child-'));
/** A server for these tests: says its process id, then waits for ever. */
const SERVER = 'console.log(process.pid); setInterval(() => {}, 1000)';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('stop ends it, deletes its folder, and may be called twice', async () => {
  const folder = newFolder();
  const child = startChild(folder, process.execPath, ['-e', SERVER]);
  await until(() => child.tail() !== '');
  const pid = Number(child.tail());
  expect(isAlive(pid)).toBe(true);
  expect(child.hasExited).toBe(false);
  await Promise.all([child.stop(), child.stop()]);
  await child.stop();
  expect(child.hasExited).toBe(true);
  expect(isAlive(pid)).toBe(false);
  expect(existsSync(folder)).toBe(false);
});

test('a server that ends by itself is noticed, with what it said last', async () => {
  const child = startChild(newFolder(), process.execPath, ['-e', 'console.error("no room"); process.exit(3)']);
  await until(() => child.hasExited);
  expect(child.tail()).toBe('no room');
  await child.stop();
});

test('a command that is not there is noticed', async () => {
  const child = startChild(newFolder(), join(tmpdir(), 'no-such-server'), []);
  await until(() => child.hasExited);
  expect(child.tail()).toContain('ENOENT');
});

test('it dies with its parent, even when the parent is killed', async () => {
  const folder = newFolder();
  const module = resolve('src/adapters/system/services/child.ts');
  const code = `
    import { startChild } from ${JSON.stringify(module)};
    const child = startChild(${JSON.stringify(folder)}, process.execPath, ['-e', ${JSON.stringify(SERVER)}]);
    const wait = setInterval(() => { if (child.tail()) { console.log(child.tail()); clearInterval(wait); } }, 5);
  `;
  const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(parent.stdout, 'data');
  const pid = Number(String(line));
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await until(() => !isAlive(pid) && !existsSync(folder));
});
