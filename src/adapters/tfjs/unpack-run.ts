// From the message of a finished run to what the pipeline wants: one output per frame.
import type { ActivationHandle, StageOutput } from '../../ports.ts';

/** Each frame's scores are its row of the batch [frames × classes]; they share the batch's memory. */
export function unpackRun(handles: readonly ActivationHandle[], scores: Float32Array): StageOutput[] {
  const classes = scores.length / handles.length;
  return handles.map((handle, row) => ({ handle, scores: scores.subarray(row * classes, (row + 1) * classes) }));
}
