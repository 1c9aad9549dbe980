// Start the stage thread.
import type { Worker } from 'node:worker_threads';
import { startThread } from '../../start-thread.ts';
import type { ThreadOptions } from './protocol.ts';

/** Most of V8's young generation there, MB: what a run makes there is small and short-lived, its tensors lie elsewhere. */
const YOUNG_MB = 12;

/** A new stage thread with these options; it reports by `protocol.ts`. */
export function spawnStageThread(options: ThreadOptions): Worker {
  return startThread('stage-thread', options, { maxYoungGenerationSizeMb: YOUNG_MB });
}
