// What every npm script starts: installs what the lockfile says when it is not there, then runs the command.
// Plain JavaScript without imports from node_modules, because in a fresh clone there is none yet.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installOnce } from './install-once.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Expected Node 20.19 or newer, got ${process.versions.node}. Install a newer Node and run this again.`);
  process.exit(1);
}

/** True when node_modules is what npm last made from this lockfile. */
function isInstalled() {
  const stamp = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(stamp)) return false;
  const lock = join(root, 'package-lock.json');
  if (statSync(stamp).mtimeMs >= statSync(lock).mtimeMs) return true;
  const wanted = JSON.parse(readFileSync(lock, 'utf8')).packages;
  const have = JSON.parse(readFileSync(stamp, 'utf8')).packages;
  return Object.keys(have).every((name) => wanted[name]?.version === have[name].version);
}

/**
 * Runs a command to its end and gives its exit code; a signal to us is passed on, so that nothing is left running. Without `end`, Ctrl-C
 * is not: it reaches the child by itself (same terminal), must only not end us before it, and twice would mean "at once".
 */
function run(command, args, options = {}, end = null) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    const pass = (signal) => (end === null ? child.kill(signal) : end(child, signal));
    const interrupt = end === null ? () => {} : pass;
    process.on('SIGTERM', pass).on('SIGHUP', pass).on('SIGINT', interrupt);
    child.on('error', (error) => {
      console.error(`Could not start ${command}: ${error.message}`);
      resolve(1);
    });
    child.on('exit', (code, signal) => {
      process.off('SIGTERM', pass).off('SIGHUP', pass).off('SIGINT', interrupt);
      resolve(code ?? 128 + constants.signals[signal]); // as a shell tells it: 137 for a kill
    });
  });
}

/** A package manager that was told to end and does not is killed after this, ms. */
const END_WITHIN_MS = 5000;

/** Runs npm ci; resolves with its exit code, 130 or 143 when a signal to us ended it. */
async function install() {
  console.error('Installing the packages of package-lock.json (once, a minute or two) …');
  // No package of ours needs its install script: the native TensorFlow library has its own command, setup:tensorflow.
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  let told = null;
  const end = (child, signal) => {
    told ??= signal;
    child.kill(signal);
    setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS).unref();
  };
  const flags = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const status = await run(npm, flags, { stdio: ['ignore', 2, 2] }, end);
  if (told !== null) return told === 'SIGINT' ? 130 : 143;
  if (status !== 0)
    console.error('npm ci failed: its message is above. The packages come from the npm registry; is it reachable?');
  return status;
}

if (!isInstalled()) {
  const lock = join(root, '.installing');
  const status = await installOnce({ lock, isInstalled, install, say: (line) => console.error(line) });
  if (status !== 0) process.exit(status);
}

// glibc gives each thread a heap of its own, up to eight a core, and what many threads allocate and free by turns leaves holes in all of them: with
// two, a worker takes less memory, and it stays what it is.
process.env.MALLOC_ARENA_MAX ??= '2';

const [first, second, ...rest] = process.argv.slice(2);
const tsx = ['--import', 'tsx'];
if (first === '--bin') process.exit(await run(process.execPath, [binary(second), ...rest]));
if (first === '--file') process.exit(await run(process.execPath, [...tsx, second, ...rest]));
process.exit(await run(process.execPath, [...tsx, join('src', 'cli', 'anytime.ts'), ...process.argv.slice(2)]));

/** The JavaScript entry of a package's program, so that no shell and no .cmd shim is between. */
function binary(name) {
  const owner = { tsc: 'typescript', biome: '@biomejs/biome', vitest: 'vitest' }[name];
  const folder = join(root, 'node_modules', owner);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[name]);
}
