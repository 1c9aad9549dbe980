// The demo's text: columns under their heads, a frame's way, the summary.
import picocolors from 'picocolors';
import { expect, it } from 'vitest';
import { demoDisplay, demoSummary, secondHead, secondLine, story } from '../../../../src/cli/demo/display.ts';
import { Second } from '../../../../src/cli/demo/second.ts';
import { RunScore, type ScoredFrame } from '../../../../src/evaluation/run-score.ts';
import { resultRecord } from '../../../helpers/records.ts';

function scored(label: string | null = 'M'): RunScore {
  const score = new RunScore();
  score.sent({ id: 'f', label, dueAt: 0, deadline: null });
  score.received(resultRecord({ id: 'f', stage: 1, label: 'N', confidence: 0.41 }).value, 'coarse', 12);
  score.received(resultRecord({ id: 'f', stage: 2, label: 'M', confidence: 0.67 }).value, 'refined', 20);
  const last = { id: 'f', stage: 3, label: 'M', confidence: 0.98, final: true, exit: 'confident' as const, spent: 0.5 };
  score.received(resultRecord(last).value, 'refined', 30);
  return score;
}

it('tells how a frame got better', () => {
  const frame = scored().frame('f') as ScoredFrame;
  expect(story(frame, '✓', '✗')).toBe('frame f: N 0.41 → M 0.67 → M 0.98 ✓');
  expect(story({ ...frame, label: 'K' }, '✓', '✗')).toBe('frame f: N 0.41 → M 0.67 → M 0.98 ✗ (K)');
  expect(story({ ...frame, label: null }, '✓', '✗')).toBe('frame f: N 0.41 → M 0.67 → M 0.98');
});

it('sums a second up and begins the next one empty', () => {
  const second = new Second();
  second.frameDue();
  second.firstAnswer(12);
  second.frameEnded(scored().frame('f') as ScoredFrame);
  const row = second.close(3);
  expect(row).toEqual({
    ...{ second: 3, due: 1, firstP50Ms: 12, firstP99Ms: 12, meanDepth: 3, firstRight: 0, finalRight: 1, expired: 0 },
  });
  expect(secondLine(row, true)).toMatch(/^ +3 +1 +12 +12 +3\.00 +0\.000 +1\.000 +0$/);
  expect(secondLine(row, true)).toHaveLength(secondHead(true).length);
  expect(secondLine(row, false)).toMatch(/^ +3 +1 +12 +12 +3\.00 +0$/);
  expect(secondHead(false)).toMatch(/mean depth +expired$/);
  expect(second.close(4)).toMatchObject({ due: 0, firstP50Ms: null, meanDepth: null });
});

it('summarises accuracy, exits, reasons and latencies', () => {
  const document = {
    ...scored().document('wasm'),
    ...{ seconds: 1, capacity: { fullDepth: 1, firstStage: 1, decode: 1 }, phases: [], busyShare: 0.5 },
  };
  const text = demoSummary(document, 1000);
  expect(text).toContain('first answer 0.0 %, final answer 100.0 % (of 1 labelled frame)');
  expect(text).toContain('p50 12 ms, p99 12 ms');
  expect(text).toContain('confident 100.0 %');
  expect(text).toMatch(/│ 3 +│ 100\.0 % +│ 100\.0 % of 1/);
});

it('shows no accuracy where no frame has a label', () => {
  const phases = [{ ...new Second().close(0), name: 'fixed' as const, rate: 1 }];
  const text = (label: string | null) =>
    demoSummary(
      {
        ...scored(label).document('wasm'),
        ...{ seconds: 1, capacity: { fullDepth: 1, firstStage: 1, decode: 1 }, phases, busyShare: 0.5 },
      },
      null,
    );
  expect(text('M').match(/right/g)).toHaveLength(3);
  expect(text(null)).not.toContain('right');
  expect(text(null)).toMatch(/│ 3 +│ 100\.0 % +│\n/);
});

it.each([
  ['burst', 1000, false],
  ['burst', null, false],
  ['burst', 20, true],
  ['fixed', 1000, true],
] as const)(
  'blames nobody for frames that expired as was asked for: %s, deadline %s',
  (name, deadlineMs, isAskedFor) => {
    const score = new RunScore();
    score.sent({ id: 'a', label: null, dueAt: 0, deadline: 1 });
    const end = { stage: 0, label: null, confidence: null, final: true, exit: 'expired' } as const;
    score.received(resultRecord({ id: 'a', ...end }).value, 'refined', 5);
    const document = {
      ...score.document('wasm'),
      ...{ seconds: 1, capacity: { fullDepth: 1, firstStage: 1, decode: 1 }, busyShare: 0.5 },
      phases: [{ ...new Second().close(0), name, rate: 1 }],
    };
    const text = demoSummary(document, deadlineMs);
    expect(text.includes('more frames, or a shorter deadline')).toBe(isAskedFor);
    expect(text.includes('something else may have')).toBe(!isAskedFor);
  },
);

it('says what each phase does', () => {
  const said: string[] = [];
  const output = { say: (line: string) => void said.push(line), colours: picocolors.createColors(false) };
  const { phase } = demoDisplay({ ...output, document: () => {}, isJson: false, isTerminal: false }, 1000, true);
  phase('burst', 300);
  phase('calm again', 60);
  expect(said[0]).toBe(
    '\n300 frames/s, which begins the burst: the rate rises until frames get shallower or first answers wait, and falls when they come late (deadline 1000 ms)',
  );
  expect(said[2]).toBe('\n60 frames/s, which fits again (deadline 1000 ms)');
});
