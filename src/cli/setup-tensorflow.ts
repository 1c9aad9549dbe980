// `npm run setup:tensorflow`: gets the native TensorFlow library going, by the first of three ways that works, and checks it.
// A set-up script: reads the environment itself and starts programs (npm, pip, node-pre-gyp).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../errors.ts';
import { isUsingGpu, loadNative } from '../network/tensorflow-native.ts';

/** The last TensorFlow whose C library the 4.22 addon is known to build and run against here. */
const WHEEL_VERSION = '2.15.1';
const OWN_INSTALL_LIMIT_MS = 60_000;
const self = fileURLToPath(import.meta.url);
const require = createRequire(import.meta.url);
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'anytime-stream');

const HELP = `Usage: npm run setup:tensorflow

Gets the native TensorFlow library for @tensorflow/tfjs-node-gpu, the first way that works: it is there already; the package's own install;
building the addon against the library in the PyPI wheel of TensorFlow ${WHEEL_VERSION} (Linux, python3 with pip, g++, make).
Training needs it; everything else runs without, on the wasm engine. Exit code 0 when it works at the end.`;

if (process.argv.includes('--help') || process.argv.includes('-h')) console.log(HELP);
else if (process.argv.includes('--check')) await check();
else process.exitCode = setUp();

/** Load the addon and multiply two matrices; exit 0 and one line when the product is right. Run in a process of its own: loading is once only. */
async function check(): Promise<void> {
  try {
    const tf = await loadNative();
    const product = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2])).dataSync();
    if (product.join() !== '19,22,43,50') throw new Error(`Expected the product 19,22,43,50, got ${product.join()}`);
    console.log(`The native TensorFlow library works, on the ${isUsingGpu(tf) ? 'GPU' : 'CPU'}.`);
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 1;
  }
}

/** Exit status: 0 when the library works at the end. Idempotent. */
function setUp(): number {
  if (works({ quiet: true })) {
    console.log('The native TensorFlow library works.');
    return 0;
  }
  let addon: string;
  try {
    addon = dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
  } catch {
    return giveUp(
      'The package @tensorflow/tfjs-node-gpu is not installed: run `npm ci --ignore-scripts --include=optional`.',
    );
  }
  console.error('1 of 2: the own install of the package (downloads a library and a ready-made addon) …');
  const own = { cwd: addon, limitMs: OWN_INSTALL_LIMIT_MS, quiet: true };
  if (run(process.execPath, ['scripts/install.js', 'gpu', 'download'], own) && works()) return 0;
  console.error('It did not work: its host cannot be reached from here, or it has nothing for this machine.');
  console.error(
    `2 of 2: building the addon against the library inside the PyPI wheel of TensorFlow ${WHEEL_VERSION} …`,
  );
  if (process.platform !== 'linux') return giveUp('Building against the wheel is known to work on Linux only.');
  const missing = ['python3', 'g++', 'make'].filter((program) => !run(program, ['--version'], { quiet: true }));
  if (missing.length > 0)
    return giveUp(`Building needs these programs: ${missing.join(', ')}. Install them and run this again.`);
  const wheel = unpackedWheel();
  if (wheel === null) return giveUp('The wheel could not be downloaded with pip: is a Python package index reachable?');
  linkLibrary(join(addon, 'deps'), wheel);
  if (!build(addon)) return giveUp('The addon did not build: the messages of the compiler are above.');
  return works() ? 0 : giveUp('The addon was built but does not load or compute: the message is above.');
}

function giveUp(reason: string): number {
  console.error(`${reason}\nWithout the native library everything but training runs, on the wasm engine.`);
  return 1;
}

/** Quiet: without saying why not. */
function works(options: { quiet?: boolean } = {}): boolean {
  return run(process.execPath, [...process.execArgv, self, '--check'], { ...options, limitMs: 120_000 });
}

/** True when the program ended well. Its output goes to stderr; that of the check stays as it is. */
function run(
  program: string,
  args: readonly string[],
  options: { cwd?: string; limitMs?: number; quiet?: boolean } = {},
): boolean {
  const { cwd, limitMs, quiet } = options;
  const result = spawnSync(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    ...(limitMs === undefined ? {} : { timeout: limitMs }),
    stdio: quiet ? 'ignore' : ['ignore', args.includes('--check') ? 'inherit' : 2, 2],
    env: { ...buildSettings(), ...process.env },
  });
  return result.status === 0;
}

/** Where Node's headers and npm's node-gyp lie beside this Node, so that the build downloads nothing and runs without npm too. */
function buildSettings(): Record<string, string> {
  const home = join(dirname(process.execPath), '..');
  const nodeGyp = join(home, 'lib', 'node_modules', 'npm', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  return {
    ...(existsSync(join(home, 'include', 'node', 'node.h')) ? { npm_config_nodedir: home } : {}),
    ...(existsSync(nodeGyp) ? { npm_config_node_gyp: nodeGyp } : {}),
  };
}

/** Folder of the unpacked wheel: from the cache, else unpacked from the wheel in the cache, else downloaded. Null when that failed. */
function unpackedWheel(): string | null {
  const hasGpu = run('nvidia-smi', ['-L'], { quiet: true });
  const name = hasGpu || process.arch !== 'x64' ? 'tensorflow' : 'tensorflow-cpu';
  const folder = join(cache, `${name}-${WHEEL_VERSION}`);
  if (existsSync(join(folder, 'tensorflow', 'libtensorflow_cc.so.2'))) return folder;
  const downloads = join(cache, 'wheel');
  mkdirSync(downloads, { recursive: true });
  const find = () =>
    readdirSync(downloads).find(
      (f) => f.startsWith(`${name.replace('-', '_')}-${WHEEL_VERSION}-`) && f.endsWith('.whl'),
    );
  const platform = `manylinux2014_${process.arch === 'x64' ? 'x86_64' : 'aarch64'}`;
  const which = [
    '--no-deps',
    '--only-binary=:all:',
    '--python-version',
    '3.11',
    '--platform',
    platform,
    `${name}==${WHEEL_VERSION}`,
  ];
  if (find() === undefined) run('python3', ['-m', 'pip', 'download', ...which, '-d', downloads]);
  const wheel = find();
  if (wheel === undefined) return null;
  const unfinished = `${folder}.${process.pid}`;
  const script =
    'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); ' +
    'z.extractall(sys.argv[2], [n for n in z.namelist() if ".so.2" in n or "tensorflow/include/" in n or ".libs/" in n])';
  if (!run('python3', ['-c', script, join(downloads, wheel), unfinished])) return null;
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
  return folder;
}

/** deps/ as the addon's build expects it, by links: the libraries are half a gigabyte. */
function linkLibrary(deps: string, wheel: string): void {
  const from = join(wheel, 'tensorflow');
  rmSync(deps, { recursive: true, force: true });
  mkdirSync(join(deps, 'lib'), { recursive: true });
  for (const name of ['libtensorflow.so', 'libtensorflow_cc.so.2'])
    symlinkSync(join(from, 'libtensorflow_cc.so.2'), join(deps, 'lib', name));
  for (const name of ['libtensorflow_framework.so', 'libtensorflow_framework.so.2']) {
    symlinkSync(join(from, 'libtensorflow_framework.so.2'), join(deps, 'lib', name));
  }
  symlinkSync(join(from, 'include'), join(deps, 'include'));
}

function build(addon: string): boolean {
  const preGyp = createRequire(join(addon, 'package.json')).resolve('@mapbox/node-pre-gyp/bin/node-pre-gyp');
  return run(process.execPath, [preGyp, 'install', '--build-from-source'], { cwd: addon });
}
