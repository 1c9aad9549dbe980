// What every npm script starts, in a fresh checkout with an npm of our own: installs once, and leaves nothing running.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { scratchFolder } from '../../helpers/data-set-files.ts';
import { until } from '../../helpers/until.ts';

/** Installs when the file `go` is there; what it does is in the file `log`. */
const NPM = `
const { appendFileSync, existsSync, mkdirSync, writeFileSync } = require('node:fs');
if (existsSync('stubborn')) process.on('SIGTERM', () => appendFileSync('log', 'SIGTERM\\n'));
appendFileSync('log', 'begin ' + process.pid + '\\n');
setInterval(() => {
  if (!existsSync('go')) return;
  mkdirSync('node_modules/typescript', { recursive: true });
  writeFileSync('node_modules/typescript/package.json', '{"bin": "bin.cjs"}');
  writeFileSync('node_modules/typescript/bin.cjs', 'console.log("ran")');
  writeFileSync('node_modules/.package-lock.json', '{"packages": {}}');
  appendFileSync('log', 'end\\n');
  process.exit();
}, 10);
`;

let root: string;
const open = new Set<ChildProcess>();
beforeEach(async () => {
  root = await scratchFolder();
  await mkdir(join(root, 'src', 'cli'), { recursive: true });
  for (const file of ['run.mjs', 'install-once.mjs']) await copyFile(`src/cli/${file}`, join(root, 'src', 'cli', file));
  await writeFile(join(root, 'package-lock.json'), '{"packages": {}}');
  await writeFile(join(root, 'npm.cjs'), NPM);
  await writeFile(join(root, 'npm'), `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'npm.cjs')}"\n`);
  await chmod(join(root, 'npm'), 0o755);
});
afterEach(() => {
  for (const child of open) child.kill('SIGKILL');
  open.clear();
});

function start() {
  const env = { ...process.env, PATH: `${root}${delimiter}${process.env['PATH']}` };
  const child = spawn(process.execPath, [join(root, 'src', 'cli', 'run.mjs'), '--bin', 'tsc'], { env });
  open.add(child);
  const heard = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (heard.stdout += chunk));
  child.stderr.on('data', (chunk) => (heard.stderr += chunk));
  return { child, heard, done: once(child, 'close').then(([code]) => code as number | null) };
}

const log = () => readFile(join(root, 'log'), 'utf8').catch(() => '');
const begun = () => until(async () => (await log()).includes('begin'), 20_000);
const npmPid = async () => Number(/begin (\d+)/.exec(await log())?.[1]);
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('two starts install once', async () => {
  const first = start();
  await begun();
  const second = start();
  await until(() => second.heard.stderr !== '', 20_000);
  expect(second.heard.stderr).toBe('Another start is installing the packages; waiting for it …\n');
  await writeFile(join(root, 'go'), '');
  expect(await Promise.all([first.done, second.done])).toEqual([0, 0]);
  expect([first.heard.stdout, second.heard.stdout]).toEqual(['ran\n', 'ran\n']);
  expect(first.heard.stderr).toBe('Installing the packages of package-lock.json (once, a minute or two) …\n');
  expect(await log()).toMatch(/^begin \d+\nend\n$/);
});

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s while npm installs ends it too; the next start installs', async (signal, code) => {
  const first = start();
  await begun();
  first.child.kill(signal);
  expect(await first.done).toBe(code);
  expect(isAlive(await npmPid())).toBe(false);
  expect(first.heard.stderr).not.toContain('npm ci failed');
  await writeFile(join(root, 'go'), '');
  const second = start();
  expect(await second.done).toBe(0);
  expect(second.heard.stderr).not.toContain('waiting');
});

it('kills an npm that does not end', async () => {
  await writeFile(join(root, 'stubborn'), '');
  const { child, done } = start();
  await begun();
  child.kill('SIGTERM');
  expect(await done).toBe(143);
  expect(await log()).toContain('SIGTERM');
  expect(isAlive(await npmPid())).toBe(false);
});

it('takes over from a start that was killed', async () => {
  const first = start();
  await begun();
  first.child.kill('SIGKILL');
  process.kill(await npmPid(), 'SIGKILL'); // its npm lives on and holds the pipes
  await first.done;
  await writeFile(join(root, 'go'), '');
  expect(await start().done).toBe(0);
});

it('tells by which signal the command ended, as a shell does', async () => {
  await mkdir(join(root, 'node_modules', 'typescript'), { recursive: true });
  await writeFile(join(root, 'node_modules', '.package-lock.json'), '{"packages": {}}');
  await writeFile(join(root, 'node_modules', 'typescript', 'package.json'), '{"bin": "bin.cjs"}');
  for (const [signal, code] of [
    ['SIGKILL', 137],
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ]) {
    await writeFile(
      join(root, 'node_modules', 'typescript', 'bin.cjs'),
      `process.kill(process.pid, '${signal}'); setInterval(() => {}, 1000)`,
    );
    expect(await start().done).toBe(code);
  }
});
