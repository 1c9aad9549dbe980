// What each answer rule would answer after every exit, collected while the frames are run; and how good each rule is.
import { ANSWER_RULES, type AnswerRule, type CombinedAnswer, combineAnswer } from '../core/answer-rule.ts';
import { type ExitAnswers, emptyAnswers, noteAnswer } from './exit-answers.ts';
import { accuracyOf, calibrationError } from './exit-quality.ts';

export interface RuleQuality {
  readonly rule: AnswerRule;
  /** Accuracy and expected calibration error of the frame's answer after each exit. */
  readonly exits: readonly { readonly accuracy: number; readonly calibrationError: number }[];
  /** Share of all frames that are right at some exit and wrong after the last. */
  readonly lostByRefining: number;
}

export interface RuleCollector {
  /** Exits of a frame in order; frames in any order. */
  readonly note: (frame: number, stage: number, scores: Float32Array) => void;
  readonly answers: ReadonlyMap<AnswerRule, readonly ExitAnswers[]>;
}

export function collectByRule(stages: number, frames: number): RuleCollector {
  const answers = new Map<AnswerRule, ExitAnswers[]>(ANSWER_RULES.map((rule) => [rule, emptyAnswers(stages, frames)]));
  /** Of the frames between their first exit and their last. */
  const under = new Map<number, Map<AnswerRule, CombinedAnswer>>();
  return {
    answers,
    note: (frame, stage, scores) => {
      const before = under.get(frame) ?? new Map<AnswerRule, CombinedAnswer>();
      for (const [rule, exits] of answers) {
        const next = combineAnswer(rule, before.get(rule) ?? null, scores, stage);
        noteAnswer(exits[stage - 1] as ExitAnswers, frame, next.scores);
        before.set(rule, next);
      }
      if (stage === stages) under.delete(frame);
      else under.set(frame, before);
    },
  };
}

export function ruleQualities({ answers }: RuleCollector, labels: ArrayLike<number>): RuleQuality[] {
  return [...answers].map(([rule, exits]) => ({
    rule,
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
