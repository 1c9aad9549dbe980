import * as tf from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { openBackend } from '../../../../src/adapters/tfjs/backend.ts';
import { AnytimeError } from '../../../../src/errors.ts';

vi.mock('../../../../src/network/tensorflow-native.ts', () => ({
  loadNative: () => Promise.reject(new AnytimeError('engine-unavailable', 'its addon is not built')),
  isUsingGpu: () => false,
}));

it('takes wasm by itself where the native library is absent', async () => {
  expect(await openBackend('auto')).toEqual({ name: 'wasm', description: 'wasm (SIMD)' });
  expect(tf.getBackend()).toBe('wasm');
});

it('never falls back from what was asked for', async () => {
  await expect(openBackend('tensorflow')).rejects.toMatchObject({
    code: 'engine-unavailable',
    message: 'its addon is not built',
  });
});

it('opens the reference backend', async () => {
  expect(await openBackend('cpu')).toMatchObject({ name: 'cpu' });
  expect(tf.getBackend()).toBe('cpu');
});
