// Scores of made-up exits: independent experts that see the right class through noise, each calibrated (its softmax is the chance given what it saw).
import { randomNumbers } from './random-bundle.ts';

export interface MadeUpExits {
  readonly frames: number;
  /** Per exit: how far the right class stands out; 0 = it knows nothing. */
  readonly sharpness: readonly number[];
  readonly seed: number;
  readonly classes?: number;
  /** Classes that the exits see; the frames' own when left out. */
  readonly seen?: readonly number[];
}

/**
 * `scores` of each exit, [frames × classes]; frames of all classes in turn. An expert that sees x_c = s²·[c is right] + s·noise and answers
 * softmax(x) is calibrated: that is the posterior of a Gaussian with equal variances.
 */
export function madeUpScores({ frames, sharpness, seed, classes = 3, seen }: MadeUpExits) {
  const random = randomNumbers(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const labels = Array.from({ length: frames }, (_, i) => i % classes);
  const scores = sharpness.map((s) => {
    const all = new Float32Array(frames * classes);
    for (const [i, label] of (seen ?? labels).entries()) {
      const raised = Array.from({ length: classes }, (_, c) => Math.exp((c === label ? s * s : 0) + s * normal()));
      const sum = raised.reduce((a, b) => a + b);
      all.set(
        raised.map((value) => value / sum),
        i * classes,
      );
    }
    return all;
  });
  return { scores, labels };
}
