// Which tfjs backend this thread computes on. Asking for one that is not here is an error, never a silent fall-back.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { AnytimeError, hasCode, messageOf } from '../../errors.ts';
import { isUsingGpu, loadNative } from '../../network/tensorflow-native.ts';
import type { EngineStatus } from '../../ports.ts';

export type BackendName = EngineStatus['backend'];
/** auto = tensorflow where its addon loads, else wasm. */
export type BackendChoice = 'auto' | BackendName;

export interface Backend {
  readonly name: BackendName;
  /** For people and result records. */
  readonly description: string;
}

/**
 * Make the backend the present one of this thread. `nativeSettings` are environment variables that the native library reads
 * as it loads, for example TF_NUM_INTRAOP_THREADS. One thread of a process may open `tensorflow`. Errors: engine-unavailable.
 */
export async function openBackend(
  choice: BackendChoice,
  nativeSettings: Readonly<Record<string, string>> = {},
): Promise<Backend> {
  if (choice === 'wasm') return openWasm();
  if (choice === 'cpu') return openCpu();
  try {
    const native = await loadNative(nativeSettings);
    const device = isUsingGpu(native) ? 'GPU' : 'CPU';
    return { name: 'tensorflow', description: `tensorflow (native, ${device})` };
  } catch (cause) {
    if (choice === 'auto' && hasCode(cause, 'engine-unavailable')) return openWasm();
    throw cause;
  }
}

async function openWasm(): Promise<Backend> {
  try {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    const home = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
    wasm.setWasmPaths(join(home, '/'));
    await use('wasm');
  } catch (cause) {
    throw unavailable('wasm', cause);
  }
  const hasSimd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return { name: 'wasm', description: hasSimd ? 'wasm (SIMD)' : 'wasm' };
}

async function openCpu(): Promise<Backend> {
  try {
    await import('@tensorflow/tfjs-backend-cpu');
    await use('cpu');
  } catch (cause) {
    throw unavailable('cpu', cause);
  }
  return { name: 'cpu', description: 'cpu (JavaScript, for reference)' };
}

async function use(name: BackendName): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error(`its initialisation failed`);
  await tf.ready();
}

function unavailable(name: BackendName, cause: unknown): AnytimeError {
  return new AnytimeError('engine-unavailable', `Backend ${name} does not start: ${messageOf(cause)}`, { cause });
}
