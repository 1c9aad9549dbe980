// What each answer rule would answer after every exit, collected while the frames are run; and how good each rule is.
import {
  ANSWER_RULES,
  type AnswerPolicy,
  type AnswerRule,
  type CombinedAnswer,
  combineAnswer,
} from '../core/answer-rule.ts';
import { type ExitAnswers, emptyAnswers, noteAnswer } from './exit-answers.ts';
import { accuracyOf, calibrationError } from './exit-quality.ts';

export interface RuleQuality {
  readonly rule: AnswerRule;
  /** True for the product with the weights of the bundle. */
  readonly isWeighted: boolean;
  /** Accuracy and expected calibration error of the frame's answer after each exit. */
  readonly exits: readonly { readonly accuracy: number; readonly calibrationError: number }[];
  /** Share of all frames that are right at some exit and wrong after the last. */
  readonly lostByRefining: number;
}

export interface RuleCollector {
  /** Exits of a frame in order; frames in any order. */
  readonly note: (frame: number, stage: number, scores: Float32Array) => void;
  readonly answers: ReadonlyMap<AnswerPolicy, readonly ExitAnswers[]>;
}

/** Every rule without weights, and the policy that is served: it is one of these, or the weighted product after them. */
export function policiesBeside(served: AnswerPolicy): AnswerPolicy[] {
  const plain = ANSWER_RULES.map((rule) => (rule === served.rule && served.weights === undefined ? served : { rule }));
  return served.weights === undefined ? plain : [...plain, served];
}

export function collectByRule(policies: readonly AnswerPolicy[], stages: number, frames: number): RuleCollector {
  const answers = new Map(policies.map((policy) => [policy, emptyAnswers(stages, frames)]));
  /** Of the frames between their first exit and their last. */
  const under = new Map<number, Map<AnswerPolicy, CombinedAnswer>>();
  return {
    answers,
    note: (frame, stage, scores) => {
      const before = under.get(frame) ?? new Map<AnswerPolicy, CombinedAnswer>();
      for (const [policy, exits] of answers) {
        const next = combineAnswer(policy, before.get(policy) ?? null, scores, stage);
        noteAnswer(exits[stage - 1] as ExitAnswers, frame, next.scores);
        before.set(policy, next);
      }
      if (stage === stages) under.delete(frame);
      else under.set(frame, before);
    },
  };
}

/** A policy's answers after every exit, from the scores of each exit, [frames × classes]. */
export function answersByPolicy(policy: AnswerPolicy, scores: readonly Float32Array[], frames: number): ExitAnswers[] {
  const answers = emptyAnswers(scores.length, frames);
  for (let frame = 0; frame < frames; frame++) {
    let before: CombinedAnswer | null = null;
    for (const [index, exit] of scores.entries()) {
      const classes = exit.length / frames;
      before = combineAnswer(policy, before, exit.subarray(frame * classes, (frame + 1) * classes), index + 1);
      noteAnswer(answers[index] as ExitAnswers, frame, before.scores);
    }
  }
  return answers;
}

export function ruleQualities({ answers }: Pick<RuleCollector, 'answers'>, labels: ArrayLike<number>): RuleQuality[] {
  return [...answers].map(([{ rule, weights }, exits]) => ({
    rule,
    isWeighted: weights !== undefined,
    exits: exits.map((exit) => ({
      accuracy: accuracyOf(exit, labels),
      calibrationError: calibrationError(exit, labels),
    })),
    lostByRefining: lostByRefining(exits, labels),
  }));
}

/** Frames right at some exit but wrong at the last, as a share of all. */
export function lostByRefining(exits: readonly ExitAnswers[], labels: ArrayLike<number>): number {
  let lost = 0;
  for (let i = 0; i < labels.length; i++) {
    const isRight = exits.map(({ classes }) => classes[i] === labels[i]);
    if (isRight.at(-1) === false && isRight.includes(true)) lost++;
  }
  return lost / labels.length;
}
