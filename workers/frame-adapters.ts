// What every worker has alike, on Kafka as in the demo: the decoder and the engine of a configuration. Wiring only.
import { allowFrameFormatsOnly } from '../src/adapters/codec/allow-frame-formats.ts';
import { limited } from '../src/adapters/codec/decode-limit.ts';
import { queued } from '../src/adapters/codec/decode-queue.ts';
import { createSharpDecoder } from '../src/adapters/codec/sharp-decoder.ts';
import { createStageRunner } from '../src/adapters/tfjs/stage-runner.ts';
import type { Config } from '../src/config.ts';
import type { Model } from '../src/network/model.ts';
import { poolThreads } from '../src/pool-threads.ts';
import type { FrameDecoder, StageRunner } from '../src/ports.ts';
import { after } from '../src/timer.ts';

/** Each keeps a thread of the libuv pool, which has four unless UV_THREADPOOL_SIZE says otherwise; where it has fewer, so many. */
const MAX_HUNG_DECODES = 3;
/** Longer than all but the largest images take. */
const DECODE_OVERTIME_AFTER_MS = 500;
/** Of the pool, left by overtime to files, names and compression. */
const SPARE_THREADS = 1;

/** Decodes to the model's input, within the limits of the configuration. Frames come from strangers: no other formats in this process. */
export function frameDecoder(config: Config, { network }: Model): FrameDecoder {
  allowFrameFormatsOnly();
  const { width, height } = network.input;
  const { decodeLimitMs: limitMs, maxPixels, maxFrameBytes: maxBytes } = config;
  const limits = { width, height, maxPixels, maxBytes, maxMs: limitMs };
  const threads = poolThreads(process.env);
  const maxHung = Math.min(MAX_HUNG_DECODES, threads);
  const decoder = limited(createSharpDecoder(limits), { limitMs, maxHung, after });
  return queued(decoder, {
    places: config.decodes,
    overtimeAfterMs: DECODE_OVERTIME_AFTER_MS,
    mostOvertime: () => threads - config.decodes - SPARE_THREADS - decoder.hung,
    after,
  });
}

/** The configured bundle on the configured engine, not started. */
export function stageRunner({ model, backend, threads, maxEngineRestarts: maxRestarts }: Config): StageRunner {
  const nativeSettings = threads === 0 ? {} : { TF_NUM_INTRAOP_THREADS: String(threads) };
  return createStageRunner({ bundleFolder: model, backend, nativeSettings, maxRestarts });
}
