// The native library: where its addon is missing the error says which command helps; where it is there it computes.
import { afterEach, expect, it, vi } from 'vitest';
import { hasNative } from '../../helpers/native.ts';

afterEach(() => {
  vi.doUnmock('@tensorflow/tfjs-node-gpu');
  vi.resetModules();
});

it('names the command that helps when the addon does not load', async () => {
  vi.doMock('@tensorflow/tfjs-node-gpu', () => {
    throw new Error('The addon can not be found.\nSecond line');
  });
  const { loadNative } = await import('../../../src/network/tensorflow-native.ts');
  await expect(loadNative()).rejects.toMatchObject({ code: 'engine-unavailable', retriable: false });
  await expect(loadNative()).rejects.toThrow(/npm run setup:tensorflow/);
});

it.skipIf(!(await hasNative()))('computes, and leaves what the person has set', async () => {
  vi.stubEnv('TF_CPP_MIN_LOG_LEVEL', '3');
  const { loadNative } = await import('../../../src/network/tensorflow-native.ts');
  const tf = await loadNative({ TF_CPP_MIN_LOG_LEVEL: '0' });
  expect(process.env['TF_CPP_MIN_LOG_LEVEL']).toBe('3');
  expect(tf.getBackend()).toBe('tensorflow');
  expect([...tf.add(tf.tensor1d([1, 2]), 1).dataSync()]).toEqual([2, 3]);
  vi.unstubAllEnvs();
});
