// The answer that is published is the rule's: an earlier exit's where a deeper one is less sure; redelivery, crashes and old records keep to it.
import { expect, it } from 'vitest';
import { MemoryBudgetStore } from '../../../src/adapters/memory/budget-store.ts';
import type { AnswerPolicy } from '../../../src/core/answer-rule.ts';
import { formatRecorded } from '../../../src/pipeline/recorded-answer.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { CLASSES, type Harness, image, useHarnesses } from '../../helpers/pipeline-harness.ts';

const start = useHarnesses();
const answer: AnswerPolicy = { rule: 'most-confident' };
const said = (harness: Harness) =>
  harness
    .results('a')
    .map(({ stage, answerStage, confidence }) => [stage, answerStage, Math.round(100 * (confidence ?? 0))]);
const isOver = (harness: Harness) => () => harness.committed() === 1n;

it('most-confident: the published answer is the earlier exit’s, and says so; stages go on', async () => {
  const harness = await start({ settings: { answer } });
  harness.send(image(1, 50, 80, 60, 70), { ce_id: 'a' });
  await harness.until(isOver(harness));
  expect(said(harness)).toEqual([
    [1, 1, 50],
    [2, 2, 80],
    [3, 2, 80],
    [4, 2, 80],
  ]);
  expect(harness.results('a').at(-1)).toMatchObject({ final: true, exit: 'full-depth', label: CLASSES[1] });
});

it('latest: each exit speaks for itself', async () => {
  const harness = await start();
  harness.send(image(1, 50, 80, 60, 70), { ce_id: 'a' });
  await harness.until(isOver(harness));
  expect(said(harness).at(-1)).toEqual([4, 4, 70]);
});

const together: AnswerPolicy = { rule: 'product', weights: Array.from({ length: 4 }, () => ({ own: 1, before: 1 })) };

it('product: exits that agree leave early together, where none of them would alone', async () => {
  const harness = await start({ settings: { answer: together } });
  harness.send(image(1, 80, 80, 80, 80), { ce_id: 'a' });
  await harness.until(isOver(harness));
  // 0.8² / (0.8² + 2·0.1²) = 0.97 of the second exit, above the 0.9 asked for
  expect(said(harness)).toEqual([
    [1, 1, 80],
    [2, 2, 97],
  ]);
  expect(harness.results('a').at(-1)).toMatchObject({ final: true, exit: 'confident' });
});

it('after a crash of the engine the exits are combined anew, each once', async () => {
  const harness = await start({ settings: { answer: together }, costMs: () => 5 });
  harness.send(image(1, 40, 40, 40, 40), { ce_id: 'a', budget: '3' });
  await harness.until(() => harness.runner.runs.length === 3);
  harness.runner.crash();
  await harness.until(isOver(harness));
  // 4^s / (4^s + 2·3^s): an exit counted twice would show more.
  expect(said(harness).map(([, , confidence]) => confidence)).toEqual([40, 47, 54, 61]);
});

it('a recorded answer that comes again keeps the exit it came from; one of an older worker is its own stage’s', async () => {
  const recorded = {
    stage: 3,
    answerStage: 2,
    label: 'dog',
    confidence: 0.8,
    top: [{ label: 'dog', confidence: 0.8 }],
  };
  const { answerStage: _, ...older } = recorded;
  for (const [text, expected] of [
    [formatRecorded({ answer: recorded, exit: 'deadline' }), 2],
    [JSON.stringify({ answer: older, exit: 'deadline' }), 3],
  ] as const) {
    const clock = new ManualClock();
    const budgets = new MemoryBudgetStore(clock);
    await budgets.record([{ frameId: 'a', cost: 0.5, epoch: 1, stage: 3, exit: 'deadline', answer: text }]);
    const harness = await start({ clock, ports: { budgets }, settings: { answer } });
    harness.send(image(1, 50, 80, 60, 70), { ce_id: 'a' });
    await harness.until(isOver(harness));
    expect(said(harness)).toEqual([[3, expected, 80]]);
  }
});
