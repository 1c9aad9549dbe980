import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import type { FromThread, ThreadOptions, ToThread } from '../../../../src/adapters/tfjs/protocol.ts';
import { serveStages } from '../../../../src/adapters/tfjs/serve-stages.ts';
import { TENSOR_NUMBER_LIMITS } from '../../../../src/adapters/tfjs/tensor-numbers.ts';
import type { AnytimeError } from '../../../../src/errors.ts';
import { EVERY_KIND, framePixels, randomBundle, withBundleFolder } from '../../../helpers/random-bundle.ts';

const OPTIONS = {
  backend: 'wasm',
  batchSizes: [1, 2],
  timedRuns: 1,
  warmUpMs: 1000,
  nativeSettings: {},
  tensorNumbers: TENSOR_NUMBER_LIMITS,
} as const;
const pixels = new Uint8Array(framePixels(EVERY_KIND, 1));
const run = (id: number, stage: number, handle: number): ToThread => ({
  type: 'run',
  id,
  stage,
  handles: [handle],
  isNew: [stage === 1],
  pixels: stage === 1 ? pixels : new Uint8Array(),
});

/** The engine served on one end of a channel, in this thread; `ask` speaks on the other end. */
async function serve(options: Partial<ThreadOptions> & { bundleFolder: string }) {
  const { port1: ours, port2: theirs } = new MessageChannel();
  const heard = async () => (await once(ours, 'message'))[0] as FromThread;
  const first = heard();
  let giveUp: (error: AnytimeError) => void = () => {};
  const givenUp = new Promise<AnytimeError>((resolve) => {
    giveUp = resolve;
  });
  await serveStages(theirs, { ...OPTIONS, ...options }, giveUp);
  const ask = (message: ToThread) => {
    const answer = heard();
    ours.postMessage(message);
    return answer;
  };
  return { first: await first, ask, ours, givenUp };
}

describe('serveStages', () => {
  it('says what it measured and holds, then answers runs', () =>
    withBundleFolder(randomBundle(EVERY_KIND, 5), async (bundleFolder) => {
      const { first, ask, ours } = await serve({ bundleFolder });
      expect(first).toMatchObject({ type: 'ready', pixelBytes: 588, status: { backend: 'wasm' } });
      expect(first.type === 'ready' && first.timings).toHaveLength(2 * EVERY_KIND.stages.length);
      expect(first.type === 'ready' && first.heldBytesAt.at(-1)).toBe(0);
      const ran = await ask(run(1, 1, 8));
      expect(ran).toMatchObject({
        type: 'ran',
        id: 1,
        status: { tensors: first.type === 'ready' && first.status.tensors + 1 },
      });
      expect(await ask(run(2, 3, 8))).toMatchObject({ type: 'failed', id: 2, code: 'engine-failed', isKernels: false });
      ours.postMessage({ type: 'release', handles: [8] });
      expect(await ask(run(3, 2, 8))).toMatchObject({ type: 'failed', message: expect.stringContaining('released') });
      const closed = once(ours, 'close');
      ours.postMessage({ type: 'stop' });
      await closed;
    }));

  it('refuses a bundle that is none, and closes', async () => {
    const { first } = await serve({ bundleFolder: '/no/such/folder' });
    expect(first).toMatchObject({ type: 'not-started', code: 'bad-bundle' });
  });

  it('answers a failed kernel, and ends the thread at the second in a row', () =>
    withBundleFolder(randomBundle(EVERY_KIND, 5), async (bundleFolder) => {
      const { ask, ours, givenUp } = await serve({ bundleFolder });
      const backend = tf.backend() as unknown as { makeOutput(): void };
      const allocation = vi.spyOn(backend, 'makeOutput').mockImplementation(() => {
        throw new Error('out of memory');
      });
      const outOfMemory = expect.stringContaining('out of memory');
      expect(await ask(run(1, 1, 1))).toMatchObject({ type: 'failed', isKernels: true, message: outOfMemory });
      ours.postMessage(run(2, 1, 2));
      expect(await givenUp).toMatchObject({ code: 'engine-crashed', message: outOfMemory });
      allocation.mockRestore();
      ours.close();
    }));
});
