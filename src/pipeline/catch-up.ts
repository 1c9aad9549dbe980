// What went out while the store did not answer is told to it once it does, and what went out of the frames in hand once more when it was
// emptied: whoever has those frames next, because their partition moved before they were committed, then knows what was said of them, and
// says it neither again nor otherwise. Best effort: what is lost costs a repeat.
import type { Frame } from '../core/frame.ts';
import type { Outcome } from '../core/make-result.ts';
import type { Acknowledged, RecordEntry } from '../ports.ts';
import type { PipelineContext } from './context.ts';
import { formatRecorded } from './recorded-answer.ts';

export interface CatchUp {
  /** These are acknowledged by the broker, and the store does not know. */
  note(published: readonly Outcome[]): void;
  /** These are acknowledged by the broker, and the store knows: it answers, and is told what it does not know. Nobody waits for it. */
  known(published: readonly Outcome[]): void;
}

/** Of the outcomes that are kept for it the oldest go first: they are the likeliest to be committed. */
const MOST_KEPT = 2000;
const MOST_AT_ONCE = 300;

export function createCatchUp({ budgetAdvice, budgets, inHand, partitions }: PipelineContext): CatchUp {
  let untold: Outcome[] = [];
  let isTelling = false;
  /** The last that was acknowledged of each frame. */
  const last = new WeakMap<Frame, Outcome>();
  let rememberedSince = budgets.remembersSince();

  async function tellAll(): Promise<void> {
    while (untold.length > 0 && !budgetAdvice.isDegraded) {
      const some = untold.splice(0, MOST_AT_ONCE).filter(({ frame }) => partitions.isCurrent(frame.record));
      if (some.length === 0) continue;
      const taken = await budgetAdvice.ask<boolean[] | null>(() => budgets.record(some.map(entryOf)), null);
      if (taken === null) {
        keep([...some, ...untold]);
        return;
      }
      const known = some.filter((_, i) => taken[i]).map(acknowledgedOf);
      if (known.length > 0) await budgetAdvice.ask(() => budgets.acknowledge(known), undefined);
    }
  }

  function keep(outcomes: readonly Outcome[]): void {
    untold = outcomes.slice(-MOST_KEPT);
  }

  function remember(published: readonly Outcome[]): void {
    for (const outcome of published) last.set(outcome.frame, outcome);
  }

  /** What is told anew has the whole cost of its frame: that of its stages is forgotten too. */
  function keepWhatWasForgotten(): void {
    const since = budgets.remembersSince();
    const wasEmptied = since !== null && rememberedSince !== null && since > rememberedSince;
    rememberedSince = since;
    if (!wasEmptied) return;
    const forgotten = [...inHand].flatMap((frame) => last.get(frame) ?? []);
    keep([...forgotten.map((outcome) => ({ ...outcome, cost: outcome.spent })), ...untold]);
  }

  return {
    note(published) {
      remember(published);
      keep([...untold, ...published]);
    },
    known(published) {
      keepWhatWasForgotten();
      remember(published);
      if (isTelling || untold.length === 0) return;
      isTelling = true;
      void tellAll().finally(() => {
        isTelling = false;
      });
    },
  };
}

/** What the store is told before it is published. */
export function entryOf({ frame, answer, exit, cost }: Outcome): RecordEntry {
  return {
    frameId: frame.spec.storeKey,
    stage: answer?.stage ?? 0,
    cost,
    epoch: frame.record.epoch,
    exit,
    answer: formatRecorded({ answer, exit }),
  };
}

/** … and after. */
export function acknowledgedOf({ frame, answer, exit }: Outcome): Acknowledged {
  return { frameId: frame.spec.storeKey, stage: answer?.stage ?? 0, isFinal: exit !== null };
}
