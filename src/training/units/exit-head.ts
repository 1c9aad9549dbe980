// Exit head: ReLU → global average pool → one linear layer. Its logits are multiplied by LOGIT_SCALE, which tames the large first steps
// (arXiv 2404.00498); the constant goes into the kernel and the bias at export.
import type { Tensor } from '@tensorflow/tfjs-core';
import { type Forward, type Pass, parameter } from './pass.ts';

export const LOGIT_SCALE = 1;

/**
 * x [b,h,w,c] → logits [b,classes]. Parameters: `{name}/kernel` [c,classes], `{name}/bias` [classes]. A head learns its own loss whole;
 * `weight` is how much of it goes back into the body: otherwise the heads of lightly weighted exits would hardly learn in a short training.
 * `isRectified`: nothing in x is below 0, as after every unit but `whiten`; the ReLU would change nothing.
 */
export function exitHead(pass: Pass, name: string, x: Tensor, weight: number, isRectified: boolean): Forward {
  const { kernels, training } = pass;
  const { tf } = kernels;
  const kernel = parameter(pass, `${name}/kernel`);
  const [b = 0, h = 0, w = 0, c = 0] = x.shape;
  const pooled = tf.mean(kernels.toFloat(isRectified ? x : kernels.relu(x)), [1, 2]); // [b,c]
  const y = tf.mul(tf.add(tf.matMul(pooled, kernel), parameter(pass, `${name}/bias`)), LOGIT_SCALE);
  return {
    y,
    backward: (dy) => {
      const dLogits = tf.mul(dy, LOGIT_SCALE); // [b,classes]
      training?.gradients.set(`${name}/kernel`, tf.matMul(pooled, dLogits, true, false));
      training?.gradients.set(`${name}/bias`, tf.sum(dLogits, 0));
      const dPooled = tf.mul(tf.matMul(dLogits, kernel, false, true), weight / (h * w)); // [b,c]
      const dRectified = kernels.toActivation(tf.tile(tf.reshape(dPooled, [b, 1, 1, c]), [1, h, w, 1]));
      return isRectified ? dRectified : kernels.reluGradient(x, dRectified);
    },
  };
}
