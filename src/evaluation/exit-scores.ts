// All scores of every exit on a set of frames, through the StageRunner port as in serving: what choosing an answer rule needs.
import type { StageRunner } from '../ports.ts';
import { type AnswerOptions, answersByRunner, type LabelledFrames } from './exit-answers.ts';

/** Scores of each exit, [frames × classes]. Errors: as the runner's. */
export async function scoresByRunner(
  runner: StageRunner,
  stages: number,
  classes: number,
  frames: LabelledFrames,
  options: Omit<AnswerOptions, 'onScores'>,
): Promise<Float32Array[]> {
  const all = Array.from({ length: stages }, () => new Float32Array(frames.labels.length * classes));
  await answersByRunner(runner, stages, frames, {
    ...options,
    onScores: (frame, stage, scores) => all[stage - 1]?.set(scores, frame * classes),
  });
  return all;
}
