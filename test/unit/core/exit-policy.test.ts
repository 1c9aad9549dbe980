// Refine or exit, one sentence per rule.
import { describe, expect, it } from 'vitest';
import { decideExit, type ExitQuestion, minConfidenceText } from '../../../src/core/exit-policy.ts';
import { table } from '../../helpers/frames.ts';

const question: ExitQuestion = {
  stage: 2,
  answered: 2,
  confidence: 0.5,
  minConfidence: 0.9,
  spent: 0.25,
  budget: 1,
  maxStage: null,
  depthLimit: null,
  deadline: 1000,
  now: 0,
  nextMs: 10,
};
const decide = (parts: Partial<ExitQuestion>) => decideExit({ ...question, ...parts }, table);

describe('decideExit', () => {
  it('refines while it may', () => expect(decide({})).toBeNull());
  it('ends at full depth, confident or not', () => {
    expect(decide({ stage: 4, answered: 4, confidence: 0.1 })).toBe('full-depth');
    expect(decide({ stage: 4, answered: 4, confidence: 0.99 })).toBe('full-depth');
  });
  it('ends when confident enough', () => expect(decide({ confidence: 0.9 })).toBe('confident'));
  it('asks of each exit its own confidence where there is one per exit', () => {
    const minConfidence = [0.4, 0.6, 0.5];
    expect(decide({ minConfidence })).toBeNull();
    expect(decide({ minConfidence, confidence: 0.6 })).toBe('confident');
    expect(decide({ minConfidence, stage: 1, answered: 1 })).toBe('confident');
    expect(decide({ minConfidence, stage: 0, answered: 3 })).toBe('confident'); // sent back with the answer of exit 3
  });
  it('asks for certainty at an exit that has none', () => {
    expect(decide({ minConfidence: [0.4], confidence: 0.999 })).toBeNull();
    expect(decide({ minConfidence: [0.4], confidence: 1 })).toBe('confident');
  });
  it('ends when the next stage would pass the budget', () => expect(decide({ budget: 0.49 })).toBe('budget'));
  it('goes on when the budget is exactly the next exit', () => expect(decide({ budget: 0.5 })).toBeNull());
  it("ends at the frame's own deepest stage", () => expect(decide({ maxStage: 2 })).toBe('budget'));
  it("ends at the fleet's depth limit", () => expect(decide({ depthLimit: 2 })).toBe('load'));
  it('ends when the next stage would be late', () => expect(decide({ now: 995 })).toBe('deadline'));
  it('lets a frame that was sent back run up to beyond the answer it has, if the budget bears it', () => {
    const sentBack = { stage: 0, answered: 2, spent: 0.25 };
    expect(decide({ ...sentBack, budget: 0.75 })).toBeNull();
    expect(decide({ ...sentBack, budget: 0.74 })).toBe('budget');
    expect(decide({ ...sentBack, depthLimit: 2 })).toBe('load');
    expect(decide({ ...sentBack, answered: 4, budget: 9 })).toBe('full-depth');
  });
  it('has no deadline without one', () => expect(decide({ deadline: null, now: 1e15 })).toBeNull());
});

it('tells for people what ends a frame', () => {
  expect(minConfidenceText(0.85)).toBe('0.85');
  expect(minConfidenceText([Math.fround(0.9), 0.123456, 0])).toBe('0.9 | 0.1235 | 0 by exit');
});
