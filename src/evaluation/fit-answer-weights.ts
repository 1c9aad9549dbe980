// Weights of the product of experts (core/answer-rule.ts), fitted on held-out frames: at each exit two numbers with the least log-loss, a convex
// problem, by Newton's method kept to weights of 0 and more. Pure, deterministic.
import { type CombinedAnswer, combineAnswer, type ExitWeights, logScores } from '../core/answer-rule.ts';
import { type ExitAnswers, emptyAnswers, noteAnswer } from './exit-answers.ts';
import { accuracyOf } from './exit-quality.ts';

/** The exit alone: what a fit begins with, and what it falls back to. */
const ALONE: ExitWeights = { own: 1, before: 0 };
/** Pull towards the exit alone, in frames' worth of log-loss: few frames change little. */
const RIDGE = 1;
const MOST_STEPS = 50;
const MOST_HALVINGS = 30;
const SMALL_STEP = 1e-6;

/**
 * One pair per exit, from exit 1; `scores` of each exit, [frames × classes], `labels` of the same frames. On these frames no exit has a larger
 * log-loss or a smaller accuracy than alone. Where nothing of the answer before helps the exit stays alone: its temperature is fitted elsewhere.
 */
export function fitAnswerWeights(scores: readonly Float32Array[], labels: ArrayLike<number>): ExitWeights[] {
  const frames = labels.length;
  const rowsOf = (exit: Float32Array) => {
    const classes = exit.length / frames;
    return Array.from({ length: frames }, (_, i) => exit.subarray(i * classes, (i + 1) * classes));
  };
  const weights: ExitWeights[] = [];
  let before: readonly CombinedAnswer[] = [];
  for (const [index, exit] of scores.entries()) {
    const own = rowsOf(exit);
    const combined = (pair: ExitWeights) => {
      const policy = { rule: 'product', weights: [...weights, pair] } as const;
      return own.map((row, i) => combineAnswer(policy, before[i] ?? null, row, index + 1));
    };
    const accuracy = (answers: readonly CombinedAnswer[]) => accuracyOf(answersIn(answers), labels);
    let pair = ALONE;
    let answers = combined(ALONE);
    if (index > 0) {
      const past = before.map((answer) => logScores(answer.scores));
      const fitted = leastLoss(own.map(logScores), past, labels);
      const together = combined(fitted);
      if (fitted.before > 0 && accuracy(together) >= accuracy(answers)) [pair, answers] = [fitted, together];
    }
    weights.push(pair);
    before = answers;
  }
  return weights;
}

function answersIn(combined: readonly CombinedAnswer[]): ExitAnswers {
  const [answers] = emptyAnswers(1, combined.length) as [ExitAnswers];
  for (const [frame, { scores }] of combined.entries()) noteAnswer(answers, frame, scores);
  return answers;
}

/** Mean loss at a point, its gradient, and its curvature (own·own, own·before, before·before). */
interface Loss {
  readonly value: number;
  readonly gradient: readonly [number, number];
  readonly curvature: readonly [number, number, number];
}

function leastLoss(own: readonly Float64Array[], past: readonly Float64Array[], labels: ArrayLike<number>) {
  let at: readonly [number, number] = [ALONE.own, ALONE.before];
  let loss = lossAt(at, own, past, labels);
  for (let step = 0; step < MOST_STEPS; step++) {
    const move = newtonStep(at, loss);
    if (Math.hypot(...move) < SMALL_STEP) break;
    let [share, next, nextLoss] = [1, at, loss];
    for (let halving = 0; halving < MOST_HALVINGS && nextLoss.value >= loss.value; halving++, share /= 2) {
      next = [at[0] + share * move[0], at[1] + share * move[1]];
      nextLoss = lossAt(next, own, past, labels);
    }
    if (nextLoss.value >= loss.value) break;
    [at, loss] = [next, nextLoss];
  }
  // Four digits say all that the frames do; a bundle is read by people too.
  return { own: Math.round(at[0] * 1e4) / 1e4, before: Math.round(at[1] * 1e4) / 1e4 };
}

/** The step to the least of the quadratic that touches the loss at `at`, within the quadrant of weights not below 0. */
function newtonStep(at: readonly [number, number], { gradient: [g, h], curvature: [a, b, c] }: Loss): [number, number] {
  const determinant = a * c - b * b;
  const inside: [number, number] = [(b * h - c * g) / determinant, (b * g - a * h) / determinant];
  if (at[0] + inside[0] >= 0 && at[1] + inside[1] >= 0) return inside;
  const edges: [number, number][] = [
    [-at[0], Math.max(-at[1], -(h - b * at[0]) / c)],
    [Math.max(-at[0], -(g - b * at[1]) / a), -at[1]],
  ];
  const value = ([x, y]: [number, number]) => g * x + h * y + (a * x * x + 2 * b * x * y + c * y * y) / 2;
  return edges.reduce((best, edge) => (value(edge) < value(best) ? edge : best));
}

function lossAt(
  [own, before]: readonly [number, number],
  ownLogs: readonly Float64Array[],
  pastLogs: readonly Float64Array[],
  labels: ArrayLike<number>,
): Loss {
  // Sums over the frames, with the pull towards (1, 0).
  let value = (RIDGE * ((own - 1) ** 2 + before ** 2)) / 2;
  let [g, h, a, b, c] = [RIDGE * (own - 1), RIDGE * before, RIDGE, 0, RIDGE];
  for (const [i, x] of ownLogs.entries()) {
    const z = pastLogs[i] as Float64Array;
    const label = labels[i] as number;
    const logits = x.map((log, k) => own * log + before * (z[k] as number));
    const most = logits.reduce((p, q) => Math.max(p, q));
    let [total, ex, ez, exx, exz, ezz] = [0, 0, 0, 0, 0, 0];
    for (const [k, logit] of logits.entries()) {
      const [p, xk, zk] = [Math.exp(logit - most), x[k] as number, z[k] as number];
      total += p;
      ex += p * xk;
      ez += p * zk;
      exx += p * xk * xk;
      exz += p * xk * zk;
      ezz += p * zk * zk;
    }
    const [mx, mz] = [ex / total, ez / total];
    value += Math.log(total) + most - (logits[label] as number);
    g += mx - (x[label] as number);
    h += mz - (z[label] as number);
    a += exx / total - mx * mx;
    b += exz / total - mx * mz;
    c += ezz / total - mz * mz;
  }
  const n = ownLogs.length;
  return { value: value / n, gradient: [g / n, h / n], curvature: [a / n, b / n, c / n] };
}
