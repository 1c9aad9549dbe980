// The thread that makes a training's batches: wiring only. What a batch is stands in src/training/batches.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { AnytimeError } from '../src/errors.ts';
import { type BatchPlan, batchMaker, type MadeBatch } from '../src/training/batches.ts';

const port = parentPort;
if (port === null)
  throw new AnytimeError('bad-argument', 'Expected to be started as a worker thread, got started as a program');
const make = batchMaker(workerData as BatchPlan);
port.on('message', (step: number) => {
  const batch = make(step);
  port.postMessage({ step, ...batch } satisfies MadeBatch, [batch.frames.buffer]);
});
