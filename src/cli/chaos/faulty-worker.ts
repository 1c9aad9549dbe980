// `anytime worker` as the chaos program starts it: the product as it is, but with a stage thread that some frames crash (a message
// can too) and a decoder that takes long over one colour. First argument: how long that is, ms. The others: as of `anytime`.
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import workerThreads, { type WorkerOptions } from 'node:worker_threads';
import sharp, { type Sharp } from 'sharp';
import { orderIn } from './fault-pixels.ts';

const [slowDecodeMs] = process.argv.splice(2, 1).map(Number);

let stageThread: workerThreads.Worker | null = null;

class FaultyWorker extends workerThreads.Worker {
  constructor(file: string | URL, options?: WorkerOptions) {
    const isStageThread = options?.name === 'stage-thread';
    super(isStageThread ? new URL('faulty-stage-thread.ts', import.meta.url) : file, options);
    if (isStageThread) stageThread = this;
  }
}
workerThreads.Worker = FaultyWorker;
syncBuiltinESMExports();

process.on('message', (order) => {
  if (order === 'crash-engine') void stageThread?.terminate();
});

const decoded = sharp.prototype.toBuffer as (this: Sharp, ...given: unknown[]) => Promise<unknown>;
sharp.prototype.toBuffer = async function slowOverOneColour(this: Sharp, ...given: unknown[]) {
  const pixels = await decoded.apply(this, given);
  if (pixels instanceof Uint8Array && orderIn(pixels) === 'slow') await pause(slowDecodeMs);
  return pixels;
} as typeof sharp.prototype.toBuffer;

await import('../anytime.ts');
