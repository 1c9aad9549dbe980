// Calibration: one number per exit, by which its logits are divided so that its confidence is as good as its word. It changes no answer, and
// makes one threshold mean the same at every exit (Guo et al., "On Calibration of Modern Neural Networks", arXiv 1706.04599). Pure.

const [LEAST, MOST] = [0.1, 10];
/** Pull of 1 / T towards 1, in frames' worth of log-loss: few frames, all right, would have any exit be as sure as can be. */
const RIDGE = 1;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The temperature with the least cross-entropy on these scores, softmax [frames × classes], but for a pull towards 1 that some hundred
 * frames outweigh; by golden-section search: the loss is convex in 1 / T.
 */
export function fitTemperature(scores: Float32Array, labels: ArrayLike<number>): number {
  let [low, high] = [Math.log(LEAST), Math.log(MOST)];
  const loss = (logTemperature: number) => {
    const temperature = Math.exp(logTemperature);
    const pull = (RIDGE * (1 / temperature - 1) ** 2) / 2;
    return crossEntropy(scores, labels, temperature) + pull / labels.length;
  };
  let [a, b] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
  let [lossA, lossB] = [loss(a), loss(b)];
  while (high - low > 1e-3) {
    if (lossA < lossB) {
      [high, b, lossB] = [b, a, lossA];
      a = high - GOLDEN * (high - low);
      lossA = loss(a);
    } else {
      [low, a, lossA] = [a, b, lossB];
      b = low + GOLDEN * (high - low);
      lossB = loss(b);
    }
  }
  return Math.exp((low + high) / 2);
}

/** Mean cross-entropy, nats, after dividing the logits by the temperature: softmax(log p / T). */
export function crossEntropy(scores: Float32Array, labels: ArrayLike<number>, temperature: number): number {
  const classes = scores.length / labels.length;
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    const row = scores.subarray(i * classes, (i + 1) * classes);
    const logits = Array.from(row, (score) => Math.log(Math.max(score, 1e-30)) / temperature);
    const most = Math.max(...logits);
    const total = logits.reduce((all, logit) => all + Math.exp(logit - most), 0);
    sum += Math.log(total) + most - (logits[labels[i] as number] as number);
  }
  return sum / labels.length;
}
