// Start a thread of `workers/`, from TypeScript (tsx, vitest) as from the compiled files.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { type ResourceLimits, SHARE_ENV, Worker } from 'node:worker_threads';

/** A new thread that runs `workers/<name>` with this data; what passes between the two is their own matter. */
export function startThread(name: string, workerData: unknown, resourceLimits: ResourceLimits = {}): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const file = new URL(`../workers/${name}.${isSource ? 'ts' : 'js'}`, import.meta.url);
  return new Worker(file, {
    name,
    workerData,
    resourceLimits,
    // The native library reads the process's real environment, not a thread's copy of it.
    env: SHARE_ENV,
    execArgv: isSource ? ['--import', typeScriptLoader()] : [],
  });
}

/** A module that lets its thread import TypeScript: `--import tsx` does so in the main thread only. */
export function typeScriptLoader(): string {
  const commonJs = createRequire(import.meta.url).resolve('tsx/esm/api');
  const api = pathToFileURL(commonJs.replace(/cjs$/, 'mjs')).href;
  return `data:text/javascript,import { register } from ${JSON.stringify(api)}; register();`;
}
