// What the temperatures of a bundle do to the confidence of its exits, measured on other frames than those they were fitted on. Pure.
import { type ExitAnswers, emptyAnswers, noteAnswer } from './exit-answers.ts';
import { calibrationError, separation } from './exit-quality.ts';

/** How far an exit's confidence can be trusted. */
export interface Trust {
  /** Expected calibration error, 15 equal buckets. */
  readonly error: number;
  /** Chance that a right answer showed more confidence than a wrong one (AUROC); null when all are right or all wrong. */
  readonly separation: number | null;
}

/** Of an exit's own answers, whatever rule makes the frame's answer from them. */
export interface TemperatureEffect {
  readonly temperature: number;
  readonly before: Trust;
  readonly after: Trust;
}

export interface TemperatureCollector {
  /** Scores of a stage's exit as the bundle gives them, which is after its temperature. Any order. */
  readonly note: (frame: number, stage: number, scores: Float32Array) => void;
  /** Per exit; null where the temperature is not known. */
  readonly effects: (labels: ArrayLike<number>) => (TemperatureEffect | null)[];
}

/** `temperatures`: per exit, undefined where the bundle does not tell it. */
export function collectTemperatures(
  temperatures: readonly (number | undefined)[],
  frames: number,
): TemperatureCollector {
  const [before, after] = [emptyAnswers(temperatures.length, frames), emptyAnswers(temperatures.length, frames)];
  const trustIn = (exit: ExitAnswers, labels: ArrayLike<number>): Trust => ({
    error: calibrationError(exit, labels),
    separation: separation(exit, labels),
  });
  return {
    note: (frame, stage, scores) => {
      const temperature = temperatures[stage - 1];
      if (temperature === undefined) return;
      noteAnswer(before[stage - 1] as ExitAnswers, frame, withoutTemperature(scores, temperature));
      noteAnswer(after[stage - 1] as ExitAnswers, frame, scores);
    },
    effects: (labels) =>
      temperatures.map((temperature, i) =>
        temperature === undefined
          ? null
          : {
              temperature,
              before: trustIn(before[i] as ExitAnswers, labels),
              after: trustIn(after[i] as ExitAnswers, labels),
            },
      ),
  };
}

/** The scores before logits were divided by the temperature: softmax(T · log p), which is p^T made to sum to 1. */
export function withoutTemperature(scores: Float32Array, temperature: number): Float32Array {
  const most = Math.max(...scores); // relative to it nothing underflows that matters
  const powers = Float64Array.from(scores, (score) => (score / most) ** temperature);
  const sum = powers.reduce((total, power) => total + power, 0);
  return Float32Array.from(powers, (power) => power / sum);
}
