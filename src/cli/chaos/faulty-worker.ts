// `anytime worker` as the chaos program starts it: the product as it is, but with a stage thread that some frames crash (a message
// can too) and a decoder that takes long over one colour. Arguments: how long that is (ms); "hold" (load the program, then wait to be told to go)
// or "go"; the others as of `anytime`.
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import workerThreads, { type WorkerOptions } from 'node:worker_threads';
import sharp, { type Sharp } from 'sharp';
import { orderIn } from './fault-pixels.ts';

const [slowDecodeMs, start] = process.argv.splice(2, 2);

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
  if (pixels instanceof Uint8Array && orderIn(pixels) === 'slow') await pause(Number(slowDecodeMs));
  return pixels;
} as typeof sharp.prototype.toBuffer;

if (start === 'hold') {
  await import('../program.ts');
  await new Promise<void>((resolve) => process.on('message', (order) => order === 'go' && resolve()));
}
await import('../anytime.ts');
