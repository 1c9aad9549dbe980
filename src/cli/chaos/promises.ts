// What a chaos run promises, given the faults and the poison there were. Pure.
import type { Summary } from './account.ts';
import type { Poison } from './poison.ts';
import type { FaultKind } from './schedule.ts';

export interface RunOutcome {
  /** Frames that were to be sent. */
  readonly wanted: number;
  readonly summary: Summary;
  /** The watcher was at the end of every topic after the workers had left. */
  readonly isAllRead: boolean;
  readonly fell: number;
  readonly drainsFailed: number;
  readonly strangers: number;
  readonly kinds: readonly FaultKind[];
  /** Of the frames that were sent. */
  readonly poisons: readonly Poison[];
}

/** Workers that are told to go, or killed, and started again: nothing of this makes another one fall. */
const GRACEFUL: readonly FaultKind[] = ['sigterm', 'toggle'];
const ENDS: readonly FaultKind[] = [...GRACEFUL, 'sigkill'];
/** Refused before they come near the engine. */
const HARMLESS: readonly Poison[] = ['not-an-image', 'bad-header'];

/** What was not as promised, a line each; none = the run has passed. */
export function brokenPromises({ wanted, summary, isAllRead, ...outcome }: RunOutcome): string[] {
  const { kinds, poisons, fell, drainsFailed, strangers } = outcome;
  const limit = duplicateLimitOf(kinds);
  const hasCauseToFall =
    kinds.some((kind) => !ENDS.includes(kind)) || poisons.some((poison) => !HARMLESS.includes(poison));
  const none: [number, string][] = [
    [wanted - summary.frames, 'frames that were not sent'],
    [summary.lost, 'lost frames'],
    [summary.regressions, 'frames that stepped back while Redis answered'],
    [summary.answersAfterFinal, 'frames with an answer after their final one while Redis answered'],
    [summary.unlikeFinals, 'frames with two unlike final answers while Redis answered'],
    [summary.halfRefused, 'frames with only one of dead letter and final record that says `rejected`'],
    [summary.firstAnswersMissing, 'answered frames that are missing among the first answers'],
    [isAllRead ? 0 : 1, 'topics that are not read to their end'],
    [summary.goodDeadLettered, 'good frames that are dead letters'],
    [summary.poisonousNotDeadLettered, 'poisonous frames that are none'],
    [strangers, 'records of frames that were never sent'],
    [hasCauseToFall ? 0 : fell, 'workers that ended by themselves, without a fault to cause it'],
    [hasCauseToFall ? 0 : drainsFailed, 'workers that did not drain, without a fault to cause it'],
  ];
  const repeated = Object.entries(summary.shares).filter(([, share]) => limit !== null && share >= limit);
  return [
    ...none.filter(([count]) => count !== 0).map(([count, what]) => `Expected no ${what}, got ${count}`),
    ...repeated.map(
      ([kind, share]) => `Expected less than ${limit} of the ${kind} records to repeat one, got ${share}`,
    ),
  ];
}

/** Workers that leave gracefully repeat next to nothing; those that are killed repeat what they had on its way. */
export function duplicateLimitOf(kinds: readonly FaultKind[]): number | null {
  if (kinds.every((kind) => GRACEFUL.includes(kind))) return 0.01;
  return kinds.every((kind) => ENDS.includes(kind)) ? 0.05 : null;
}

/** Frames whose answers broke a promise while Redis answered, by each of the ways in which they can. */
export function brokenAnswers(summary: Summary): number {
  const { regressions, answersAfterFinal, unlikeFinals, halfRefused, firstAnswersMissing } = summary;
  return regressions + answersAfterFinal + unlikeFinals + halfRefused + firstAnswersMissing;
}
