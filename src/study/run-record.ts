// What is kept of a finished run of the study: run.json in its folder.
import { join } from 'node:path';
import { z } from 'zod';
import { storedJson } from './stored-json.ts';

const share = z.number().min(0).max(1);

/** Means over the test frames. */
const left = { meanPasses: share, testAccuracy: share };

/** SHA-256 of the frames that a run is trained, and measured, on. */
const FramesDigestSchema = z.strictObject({ train: z.string(), test: z.string() });
export type FramesDigest = z.infer<typeof FramesDigestSchema>;

export const RunRecordSchema = z.strictObject({
  id: z.string(),
  seed: z.int(),
  epochs: z.number(),
  commit: z.string(),
  seconds: z.number(),
  frames: FramesDigestSchema,
  exits: z.array(
    z.strictObject({ macs: z.number(), headMacs: z.number(), validationAccuracy: share, testAccuracy: share }),
  ),
  /** Leaving early, thresholds chosen on the frames held out of training, figures on test frames: one for all exits, and one per exit. */
  earlyExit: z.array(
    z.strictObject({
      averageBudget: share,
      minConfidence: z.number(),
      ...left,
      perExit: z.strictObject({ minConfidence: z.array(share), ...left }),
    }),
  ),
});
/** `macs`: cost up to and with the exit, heads included. */
export type RunRecord = z.infer<typeof RunRecordSchema>;

/** What a run.json of any shape tells that its bundle does not. */
const TrainedSchema = z.object({
  commit: z.string(),
  seconds: z.number(),
  frames: z.object({ train: z.string() }).optional(),
});
export type Trained = z.infer<typeof TrainedSchema>;

export const RECORD_FILE = 'run.json';

/**
 * The stored result; null when the run is not finished, or was measured when less was asked of it, or was trained or measured on other frames
 * than `frames`, or the file was damaged.
 */
export async function storedRecord(folder: string, frames: FramesDigest): Promise<RunRecord | null> {
  const record = RunRecordSchema.safeParse(await storedJson(join(folder, RECORD_FILE))).data ?? null;
  return record?.frames.train === frames.train && record.frames.test === frames.test ? record : null;
}

/** By which commit, how long and on which frames a finished run was trained; null when that is not known. Older ones do not tell the frames. */
export async function storedTraining(folder: string): Promise<Trained | null> {
  return TrainedSchema.safeParse(await storedJson(join(folder, RECORD_FILE))).data ?? null;
}
