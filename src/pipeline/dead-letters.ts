// Dead letters, beside the results: a topic that is missing or takes none keeps no answer back. Tried again for as long as
// it takes, whatever the reason: its frame stays uncommitted meanwhile. Enters: refusals. Leaves: frames whose letter is out, whose end may be told.
import type { Frame } from '../core/frame.ts';
import { AnytimeError, hasCode, messageOf } from '../errors.ts';
import type { DeadLetter } from '../ports.ts';
import type { PipelineContext } from './context.ts';
import { lookUp } from './look-up.ts';
import { parseRecorded } from './recorded-answer.ts';
import { retry } from './retry.ts';
import { createSingleLoop } from './single-loop.ts';

export interface Refusal extends DeadLetter {
  readonly frame: Frame;
}

export interface DeadLetters {
  send(refusal: Refusal): void;
  /** The frame's letter is not out yet. */
  isAwaited(frame: Frame): boolean;
  /** Resolves when nothing is on its way. */
  idle(): Promise<void>;
  /** Stop trying: what is not acknowledged now stays uncommitted. */
  giveUp(): void;
}

export interface DeadLettersExits {
  /** Its letter is acknowledged, or nobody wants it any more. */
  sent(frame: Frame): void;
  failed(error: Error): void;
}

const MOST_AT_ONCE = 500;

export function createDeadLetters(context: PipelineContext, exits: DeadLettersExits): DeadLetters {
  const { clock, events, partitions, sink } = context;
  let refusals: Refusal[] = [];
  const awaited = new Set<Frame>();
  let hasGivenUp = false;
  const retryContext = { clock, events, isGivenUp: () => hasGivenUp };
  const hasMore = () => !hasGivenUp && refusals.length > 0;
  const loop = createSingleLoop({
    ...{ run, hasMore },
    failed(error) {
      if (!hasGivenUp) exits.failed(error);
    },
  });

  async function run(): Promise<void> {
    await Promise.resolve(); // so that everything one turn brings leaves together
    while (hasMore()) await retry('publish dead letters', sendSome, retryContext);
  }

  /**
   * Those that wait longest, each for itself (the sink sends together what it can): one that is refused keeps no other back, and none goes
   * out twice for it. Rejects when one of them is to be tried again; it waits behind the others then.
   */
  async function sendSome(): Promise<void> {
    letGoOfLost();
    const some = refusals.slice(0, MOST_AT_ONCE);
    const standing = new Set(await withoutEnded(some));
    const outcomes = await Promise.allSettled(
      some.map(async (letter) => {
        if (standing.has(letter) && isCurrent(letter)) await sendOne(letter);
        letGo(letter.frame);
      }),
    );
    const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    const refused = some.filter((_, i) => outcomes[i]?.status === 'rejected');
    refusals = [...refusals.slice(some.length), ...refused];
    if (reasons.length > 0) tryAgain(reasons[0]);
  }

  async function sendOne(letter: Refusal): Promise<void> {
    await sink.deadLetter([letter]);
    const { frame, step, reason } = letter;
    events.emit({ type: 'dead-lettered', id: frame.spec.id, step, reason: reason.message });
  }

  const isCurrent = ({ frame }: Refusal) => partitions.isCurrent(frame.record);

  /** Those whose partition was lost: with a topic that takes none for hours they would add up with each rebalance. */
  function letGoOfLost(): void {
    const lost = refusals.filter((letter) => !isCurrent(letter));
    refusals = refusals.filter(isCurrent);
    for (const { frame } of lost) letGo(frame);
  }

  function letGo(frame: Frame): void {
    awaited.delete(frame);
    exits.sent(frame);
  }

  /** A frame that another attempt has ended with another final record has its end. Intake has asked by itself. */
  async function withoutEnded(letters: readonly Refusal[]): Promise<readonly Refusal[]> {
    const late = letters.filter(({ step }) => step !== 'intake');
    const progress = await lookUp(context, late);
    const ended = late.filter((_, i) => {
      const { exit } = parseRecorded(progress?.[i]?.answer ?? null);
      return progress?.[i]?.isFinal && exit !== null && exit !== 'rejected';
    });
    return letters.filter((letter) => !ended.includes(letter));
  }

  return {
    send(refusal) {
      refusals.push(refusal);
      awaited.add(refusal.frame);
      loop.wake();
    },
    isAwaited: (frame) => awaited.has(frame),
    idle: loop.idle,
    giveUp() {
      hasGivenUp = true;
      refusals = [];
    },
  };
}

/** What the topic refuses for good today (no right to write there) may be allowed tomorrow; until then it is told with each try. */
function tryAgain(cause: unknown): never {
  if (hasCode(cause, 'stopped')) throw cause;
  throw new AnytimeError('broker-unavailable', messageOf(cause), { retriable: true, cause });
}
