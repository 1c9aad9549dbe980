// Loads the native TensorFlow library (@tensorflow/tfjs-node-gpu, on a GPU or on the CPU). It is optional: its addon is built by a command.
import type * as tensorflow from '@tensorflow/tfjs-core';
import { AnytimeError, messageOf } from '../errors.ts';

export type TensorFlow = typeof tensorflow;

/** What the library reads from the environment while it loads; what the person has set stays. */
const LIBRARY_SETTINGS = {
  TF_CPP_MIN_LOG_LEVEL: '2', // warnings of the library are not for the people who run this
  TF_FORCE_GPU_ALLOW_GROWTH: 'true', // otherwise it takes all of the GPU's memory
  TF_ENABLE_ONEDNN_OPTS: '1', // up to 1.7 times faster kernels at batch sizes above a few
};

/**
 * The native library as backend `tensorflow`, ready to use. One thread of a process may load it: every call blocks its thread.
 * `settings` replaces defaults, for example `{ TF_ENABLE_ONEDNN_OPTS: '0' }`, faster at batch 1.
 * Errors: engine-unavailable when the addon is not built or does not load.
 */
export async function loadNative(settings: Readonly<Record<string, string>> = {}): Promise<TensorFlow> {
  for (const [name, value] of Object.entries({ ...LIBRARY_SETTINGS, ...settings })) process.env[name] ??= value;
  try {
    const module = (await import('@tensorflow/tfjs-node-gpu')) as unknown as { default?: TensorFlow } & TensorFlow;
    const tf = module.default ?? module;
    await tf.setBackend('tensorflow');
    await tf.ready();
    return tf;
  } catch (cause) {
    throw new AnytimeError(
      'engine-unavailable',
      `The native TensorFlow library does not load: run \`npm run setup:tensorflow\`, which builds and checks it. (${firstLine(messageOf(cause))})`,
      { cause },
    );
  }
}

/** True when this process runs the native library on a GPU. */
export function isUsingGpu(tf: TensorFlow): boolean {
  return (tf.backend() as unknown as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
