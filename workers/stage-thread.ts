// The stage thread of a worker: wiring only. Everything it does is in src/adapters/tfjs/serve-stages.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { lowerThreadPriority } from '../src/adapters/tfjs/lower-priority.ts';
import type { ThreadOptions } from '../src/adapters/tfjs/protocol.ts';
import { serveStages } from '../src/adapters/tfjs/serve-stages.ts';
import { AnytimeError } from '../src/errors.ts';

if (parentPort === null)
  throw new AnytimeError('bad-argument', 'Expected to be started as a worker thread, got started as a program');
lowerThreadPriority();
await serveStages(parentPort, workerData as ThreadOptions, (error) => {
  throw error;
});
