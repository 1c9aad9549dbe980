// The whole network in training: every stage and every exit of one batch, and the way back.
// Serving runs the same stages one by one (network/stage.ts) with the BatchNorm folded; a test compares the two.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Network, Stage, Unit } from '../network/config.ts';
import { tensorName } from '../network/model.ts';
import { convUnit } from './units/conv-unit.ts';
import { exitHead } from './units/exit-head.ts';
import { chain, type Forward, type Pass } from './units/pass.ts';
import { residualUnit } from './units/residual-unit.ts';
import { whitenUnit } from './units/whiten-unit.ts';

export interface NetworkForward {
  /** One per exit, [b, classes]. */
  readonly logits: readonly Tensor[];
  /** Takes the gradient of each exit's own loss for its logits; notes every parameter's gradient in the pass. */
  readonly backward: (dLogits: readonly Tensor[]) => void;
}

/** frame [b,h,w,3], normalised; `weights`: how much each exit's loss counts in the body. Call inside `tf.tidy`. */
export function networkForward(
  pass: Pass,
  network: Network,
  frame: Tensor,
  weights: readonly number[] = [],
): NetworkForward {
  let activations: Tensor | null = null;
  let isRectified = true;
  const frameActivations = pass.kernels.toActivation(frame);
  const steps = network.stages.map((stage, index) => {
    const body = stageForward(pass, stage, index + 1, frameActivations, activations);
    activations = body.y;
    isRectified = endsRectified(stage, isRectified);
    return { body, head: exitHead(pass, `stage/${index + 1}/head`, body.y, weights[index] ?? 1, isRectified) };
  });
  return {
    logits: steps.map(({ head }) => head.y),
    backward: (dLogits) => {
      let fromLater: Tensor | null = null;
      for (let index = steps.length - 1; index >= 0; index--) {
        const { body, head } = steps[index] as (typeof steps)[number];
        const fromHead = head.backward(dLogits[index] as Tensor) as Tensor;
        fromLater = body.backward(fromLater === null ? fromHead : pass.kernels.add(fromHead, fromLater));
      }
    },
  };
}

/** Whether nothing that a stage hands on is below 0; `wasRectified`: of the activations that it takes. */
function endsRectified({ takes, frame, trunk }: Stage, wasRectified: boolean): boolean {
  const last = trunk.at(-1) ?? frame.at(-1);
  const isPassedOn = takes === 'both' && trunk.length === 0; // the activations beside the frame units' output
  return last?.kind !== 'whiten' && (wasRectified || !isPassedOn);
}

/** One stage; its backward returns the gradient for the previous stage's activations, or null where it takes none. */
function stageForward(pass: Pass, stage: Stage, s: number, frame: Tensor, activations: Tensor | null): Forward {
  const { kernels } = pass;
  const takesFrame = stage.takes !== 'activations';
  const fromFrame = takesFrame ? chain(frame, unitsOf(pass, stage.frame, s, 'frame'), false) : null;
  const trunk = (x: Tensor) =>
    chain(x, unitsOf(pass, stage.trunk, s, 'trunk'), stage.takes !== 'frame' || stage.frame.length > 0);
  if (fromFrame === null) return trunk(activations as Tensor);
  if (stage.takes === 'frame') {
    const body = trunk(fromFrame.y);
    return { y: body.y, backward: (dy) => backwardInto(fromFrame, body.backward(dy)) };
  }
  const channels = fromFrame.y.shape[3] as number;
  const joined = kernels.concat([fromFrame.y, activations as Tensor]); // [b,h,w, of the frame + of the activations]
  const body = trunk(joined);
  return {
    y: body.y,
    backward: (dy) => {
      const [dFrame, dActivations] = kernels.splitChannels(body.backward(dy) as Tensor, channels);
      fromFrame.backward(dFrame);
      return dActivations;
    },
  };
}

function backwardInto(branch: Forward, gradient: Tensor | null): null {
  if (gradient !== null) branch.backward(gradient);
  return null;
}

function unitsOf(pass: Pass, units: readonly Unit[], s: number, branch: 'frame' | 'trunk') {
  return units.map((unit, u) => (x: Tensor, wantsInputGradient: boolean): Forward => {
    const name = (conv: number) => tensorName(s, branch, u, conv, '').slice(0, -1);
    switch (unit.kind) {
      case 'conv':
        return convUnit(pass, name(0), unit, x, wantsInputGradient);
      case 'whiten':
        return whitenUnit(pass, name(0), unit, x);
      case 'residual':
        return residualUnit(pass, name(0), name(1), x);
    }
  });
}
