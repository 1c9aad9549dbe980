// What went out while the store did not answer is told to it once it does, and what went out of frames that are not committed once more
// when it was emptied: whoever has those frames next, because their partition moved before they were committed, then knows what was said
// of them, and says it neither again nor otherwise. Best effort: what is lost costs a repeat.
import { type FrameRecord, partitionKey } from '../core/frame-record.ts';
import type { Outcome } from '../core/make-result.ts';
import type { Acknowledged, RecordEntry } from '../ports.ts';
import type { PipelineContext } from './context.ts';
import { formatRecorded } from './recorded-answer.ts';

export interface CatchUp {
  /** These are acknowledged by the broker, and the store does not know. */
  note(published: readonly Outcome[]): void;
  /**
   * These are acknowledged by the broker, and the store knows, or knew when it remembered since `since`: it answers, and is told what it does
   * not know. Nobody waits for it.
   */
  known(published: readonly Outcome[], since: number | null): void;
  /** The store has answered: where it was emptied, it is told what it has forgotten. Nobody waits for it. */
  answered(): void;
}

/** Of what is kept for it the oldest goes first: it is the likeliest to be committed. */
const MOST_KEPT = 2000;
/** So few that Redis can be told by many workers at once within what its replies may take: 300 cost it 6 to 8 ms. */
const MOST_AT_ONCE = 50;
/** What is committed is let go when so many are kept, or twice as many as were not committed the last time. */
const LEAST_TO_SIFT = 200;

/** The last that was acknowledged of a frame, and whose it is. Not the frame itself, whose bytes nobody counts any more once it is settled. */
interface Said extends Pick<FrameRecord, 'topic' | 'partition' | 'offset' | 'epoch'> {
  /** Which record that is. */
  readonly place: string;
  readonly entry: RecordEntry;
  readonly acknowledged: Acknowledged;
  /** Passes of all its stages. */
  readonly spent: number;
}

export function createCatchUp({ budgetAdvice, budgets, partitions }: PipelineContext): CatchUp {
  let untold: Said[] = [];
  let isTelling = false;
  /** By the place of the frame's record, those last heard of at the end. */
  let last = new Map<string, Said>();
  let siftAt = LEAST_TO_SIFT;
  let rememberedSince = budgets.remembersSince();

  async function tellAll(): Promise<void> {
    while (untold.length > 0 && !budgetAdvice.isDegraded) {
      const some = partitions.uncommitted(untold.splice(0, MOST_AT_ONCE));
      if (some.length === 0) continue;
      const entries = some.map(({ entry }) => entry);
      const taken = await budgetAdvice.ask<boolean[] | null>(() => budgets.record(entries), null);
      if (taken === null) {
        keep([...some, ...untold]);
        return;
      }
      const known = some.filter((_, i) => taken[i]).map(({ acknowledged }) => acknowledged);
      if (known.length > 0) await budgetAdvice.ask(() => budgets.acknowledge(known), undefined);
    }
  }

  function tell(): void {
    if (isTelling || untold.length === 0) return;
    isTelling = true;
    void tellAll().finally(() => {
      isTelling = false;
    });
  }

  function keep(some: readonly Said[]): void {
    untold = some.slice(-MOST_KEPT);
  }

  function remember(said: readonly Said[]): void {
    for (const one of said) {
      last.delete(one.place);
      last.set(one.place, one);
    }
    if (last.size < siftAt) return;
    const kept = new Set(partitions.uncommitted([...last.values()]).slice(-MOST_KEPT));
    last = new Map([...last].filter(([, one]) => kept.has(one)));
    siftAt = Math.max(LEAST_TO_SIFT, 2 * last.size);
  }

  /** What waits to be told is among it. */
  function keepWhatWasForgotten(): void {
    const since = budgets.remembersSince();
    const wasEmptied = since !== null && rememberedSince !== null && since > rememberedSince;
    rememberedSince = since ?? rememberedSince;
    if (!wasEmptied) return;
    keep([...last.values()].map(wholeOf));
  }

  return {
    note(published) {
      const said = published.map(saidOf);
      remember(said);
      keep([...untold, ...said]);
    },
    known(published, since) {
      keepWhatWasForgotten();
      const said = published.map(saidOf);
      remember(said);
      // It was emptied while they were on their way to the broker.
      if (since !== null && since < (budgets.remembersSince() ?? since)) {
        const places = new Set(said.map(({ place }) => place));
        keep([...untold.filter(({ place }) => !places.has(place)), ...said.map(wholeOf)]);
      }
      tell();
    },
    answered() {
      keepWhatWasForgotten();
      tell();
    },
  };
}

function saidOf(outcome: Outcome): Said {
  const { topic, partition, offset, epoch } = outcome.frame.record;
  const of = { topic, partition, offset, epoch, place: `${partitionKey(outcome.frame.record)}/${offset}` };
  return { ...of, entry: entryOf(outcome), acknowledged: acknowledgedOf(outcome), spent: outcome.spent };
}

/** With the cost of all stages of its frame: the store may have forgotten any of them. */
function wholeOf(one: Said): Said {
  return { ...one, entry: { ...one.entry, costSoFar: one.spent } };
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
