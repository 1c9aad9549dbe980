// What fails a chaos run, with and without a fault or a poison that excuses it.
import { expect, it } from 'vitest';
import type { Summary } from '../../../../src/cli/chaos/account.ts';
import { brokenPromises, duplicateLimitOf, type RunOutcome } from '../../../../src/cli/chaos/promises.ts';

const summary: Summary = {
  ...{
    frames: 10,
    final: 9,
    unanswered: 2,
    deadLettered: 1,
    lost: 0,
    regressions: 0,
    regressionsWhileAway: 3,
    records: 30,
  },
  ...{
    answersAfterFinal: 0,
    answersAfterFinalWhileAway: 2,
    unlikeFinals: 0,
    unlikeFinalsWhileAway: 1,
    halfRefused: 0,
    firstAnswersMissing: 0,
    unrecorded: 4,
    forgotten: 0,
  },
  duplicates: { coarse: 0, refined: 0, final: 0 },
  shares: { coarse: 0, refined: 0, final: 0 },
  ...{ deadLetterDuplicates: 0, duplicateShare: 0, goodDeadLettered: 0, poisonousNotDeadLettered: 0 },
};
const broken = (outcome: Partial<RunOutcome>, of: Partial<Summary> = {}) =>
  brokenPromises({
    ...{
      wanted: 10,
      isAllRead: true,
      fell: 0,
      drainsFailed: 0,
      strangers: 0,
      kinds: ['sigterm'],
      poisons: ['not-an-image'],
    },
    summary: { ...summary, ...of },
    ...outcome,
  });

it('passes where every frame ended as it should', () => {
  expect(broken({})).toEqual([]);
});

it('fails whatever the faults: unsent, lost, stepped back, wrong ends, strangers', () => {
  const kinds = ['kafka-restart'] as const;
  for (const of of [
    { frames: 9 },
    { lost: 1 },
    { regressions: 1 },
    { answersAfterFinal: 1 },
    { unlikeFinals: 1 },
    { halfRefused: 1 },
    { firstAnswersMissing: 1 },
    { goodDeadLettered: 1 },
    { poisonousNotDeadLettered: 1 },
  ])
    expect(broken({ kinds }, of)).toHaveLength(1);
  expect(broken({ kinds, isAllRead: false })).toHaveLength(1);
  expect(broken({ kinds, strangers: 2 })).toEqual(['Expected no records of frames that were never sent, got 2']);
});

it('no worker falls and every drain ends well, unless a fault or a poison is the cause', () => {
  for (const what of [{ fell: 1 }, { drainsFailed: 1 }]) {
    for (const kinds of [[], ['sigterm'], ['sigkill', 'toggle']] as const)
      expect(broken({ ...what, kinds })).toHaveLength(1);
    for (const kind of ['sigstop', 'kafka-restart', 'cut', 'slow', 'engine-crash'] as const)
      expect(broken({ ...what, kinds: ['sigterm', kind] })).toEqual([]);
    for (const poison of ['crashes-engine', 'hangs-engine', 'kills-worker'] as const)
      expect(broken({ ...what, poisons: [poison] })).toEqual([]);
  }
});

it('limits what is repeated where workers are only told to go, or killed', () => {
  expect(
    [[], ['toggle'], ['sigterm', 'sigkill'], ['sigkill', 'cut']].map((kinds) => duplicateLimitOf(kinds as never)),
  ).toEqual([0.01, 0.01, 0.05, null]);
  const shares = { coarse: 0.03, refined: 0, final: 0 };
  expect(broken({}, { shares })).toEqual(['Expected less than 0.01 of the coarse records to repeat one, got 0.03']);
  expect(broken({ kinds: ['sigkill'] }, { shares })).toEqual([]);
});
