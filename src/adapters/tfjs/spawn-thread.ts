// Start the stage thread.
import type { Worker } from 'node:worker_threads';
import { startThread } from '../../start-thread.ts';
import type { ThreadOptions } from './protocol.ts';

/** A new stage thread with these options; it reports by `protocol.ts`. */
export function spawnStageThread(options: ThreadOptions): Worker {
  return startThread('stage-thread', options);
}
