// What worker and demo have alike refuses what cannot work.
import { afterEach, expect, it, vi } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import type { Model } from '../../../src/network/model.ts';
import { frameDecoder } from '../../../workers/frame-adapters.ts';

const model = { network: { input: { width: 8, height: 8 } } } as Model;
const decoderOf = (decodes: number) => frameDecoder(loadConfig({ flags: { decodes }, environment: {} }), model);

afterEach(() => {
  vi.unstubAllEnvs();
});

it('more decodes at once than threads for them would count as hung while they wait', () => {
  vi.stubEnv('UV_THREADPOOL_SIZE', undefined);
  expect(() => decoderOf(5)).toThrow(/at most .*4 \(UV_THREADPOOL_SIZE\), got 5/);
  expect(() => decoderOf(4)).not.toThrow();
  vi.stubEnv('UV_THREADPOOL_SIZE', '16');
  expect(() => decoderOf(16)).not.toThrow();
});
