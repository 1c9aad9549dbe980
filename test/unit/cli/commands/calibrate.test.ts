// What `anytime calibrate` tells people.
import { expect, it } from 'vitest';
import { calibrateCommand, choseBefore, promiseText, thresholdText } from '../../../../src/cli/commands/calibrate.ts';

const outcome = { minConfidence: 0.9, accuracy: 0.915, meanPasses: 0.4, meanDepth: 2, shares: [0.5, 0.3, 0.2] };
const RESULT =
  'accuracy 91.50 % on these frames for 0.400 passes a frame; frames that leave at each exit: 50.0 %, 30.0 %, 20.0 %';

it('says at which confidence each exit is left', () => {
  expect(thresholdText(outcome, [Math.fround(0.033), 0.912345, 0])).toBe(
    `Leave exit 1 at confidence 0.033, exit 2 at 0.9123: ${RESULT}`,
  );
  expect(thresholdText(outcome, 0.9)).toBe(`Leave every exit at confidence 0.9: ${RESULT}`);
  expect(thresholdText(outcome, null)).toBe(`Full depth: ${RESULT}`);
});

it('counts the points of a promise', () => {
  const promised = (epsilon: number) => promiseText(true, epsilon, 0.05);
  expect(promised(0.01)).toBe('Promised: at most 1 point of accuracy lost against full depth, with probability 0.95.');
  expect(promised(0.007)).toContain('at most 0.7 points of accuracy');
});

it.each([
  [
    ['--average-budget', '0.4', '--delta', '0.1'],
    'commander.conflictingOption',
    /--delta.* cannot be used with .*--average-budget/,
  ],
  [
    ['--average-budget', '0.4', '--keep-rule'],
    'bad-argument',
    /Expected `--keep-rule` together with `--write`, got it alone/,
  ],
])('refuses what would have no effect: %j', async (flags, code, message) => {
  const command = calibrateCommand()
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  const all = ['--model', '/nowhere', '--data', '/nowhere', ...flags];
  const refused = { code, message: expect.stringMatching(message) };
  await expect(command.parseAsync(all, { from: 'user' })).rejects.toMatchObject(refused);
});

it('knows the frames that chose the threshold or the answer rule before', () => {
  const quality = { measuredOn: '90 frames of b, by anytime calibrate', bucketEdges: [1], exits: [] };
  const calibration = { data: 'a', frames: 90, epsilon: 0.1, delta: 0.05, date: '2026-01-02' };
  expect(['a', 'b', 'c'].map((data) => choseBefore({ quality, calibration }, data))).toEqual([true, true, false]);
  expect(choseBefore({ quality: { ...quality, measuredOn: '90 frames held out of a by seed 1' } }, 'a')).toBe(false);
});
