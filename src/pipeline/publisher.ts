// Record, then publish. Outcomes leave in the order they came, a batch at a time: while one batch is on its way the next gathers, so a
// frame's answers can never overtake each other; dead letters leave beside them (dead-letters.ts). What the broker does not acknowledge is
// sent again until it does, or until its partition is no longer ours: whoever has it now says what is to be said. Enters: outcomes and
// dead letters. Leaves: acknowledged ends, to be settled.

import type { Frame } from '../core/frame.ts';
import { makeResult, type Outcome } from '../core/make-result.ts';
import { outcomeBytes } from '../core/outcome-bytes.ts';
import { AnytimeError } from '../errors.ts';
import { UNBEGUN_TTL_MS } from '../ports.ts';
import { acknowledgedOf, createCatchUp, entryOf } from './catch-up.ts';
import type { PipelineContext } from './context.ts';
import { createDeadLetters, type Refusal } from './dead-letters.ts';
import { lookUp } from './look-up.ts';
import { parseRecorded } from './recorded-answer.ts';
import { retry } from './retry.ts';
import { createSingleLoop } from './single-loop.ts';

export interface Publisher {
  publish(outcome: Outcome): void;
  /** The end of its frame, told next, goes out after it. */
  deadLetter(refusal: Refusal): void;
  /** Resolves when nothing is on its way. */
  idle(): Promise<void>;
  /** Stop trying: what is not acknowledged now stays uncommitted. */
  giveUp(): void;
}

/** One request to the broker (800 kB), also where ids are long and not Latin: what went in a second one would go long after the store was asked. */
const MOST_AT_ONCE = 300;
const MOST_BYTES_AT_ONCE = 130_000;
/** At most one batch begins within so many ms: each costs a round trip to the store and to the broker, however little it carries. */
const CYCLE_MS = 5;
/** A reply of the store that took longer may be of before this process was stopped: a session is over after 3 s at the least … */
const STALE_REPLY_MS = 1000;
/** … and it is asked anew, so often in all. */
const MOST_ASKED = 3;

export interface PublisherExits {
  /** The frame's end is acknowledged (or nobody wants it any more). */
  settled(frame: Frame): void;
  /** An answer of the frame is recorded and acknowledged, or another attempt is ahead of it; not its last one. */
  sent(frame: Frame): void;
  /** Less than `maxUnsentBytes` waits again. */
  room(): void;
  failed(error: Error): void;
}

export function createPublisher(context: PipelineContext, exits: PublisherExits): Publisher {
  const { clock, events, partitions, settings, sink } = context;
  let outcomes: Outcome[] = [];
  /** Ends of frames whose dead letters are on their way: an end says that its letter is out. */
  const afterLetters = new Map<Frame, Outcome>();
  /** Ends that go out though the store is ahead: what it has is of no use. */
  const forced = new WeakSet<Outcome>();
  /** Frames whose first answer was refused, while nobody is known to have published one: what is accepted next goes out as the first. */
  const unannounced = new WeakSet<Frame>();
  /** When the first of the outcomes that now wait came: what waiting takes belongs to publishing. */
  let waitingSince = 0;
  let lastBeganAt = Number.NEGATIVE_INFINITY;
  let hasGivenUp = false;
  const retryContext = { clock, events, isGivenUp: () => hasGivenUp };
  const catchUp = createCatchUp(context);
  const letters = createDeadLetters(context, { sent: endAfterLetter, failed: exits.failed });

  const hasMore = () => !hasGivenUp && outcomes.length > 0;
  const loop = createSingleLoop({
    ...{ run, hasMore },
    failed(error) {
      if (!hasGivenUp) exits.failed(error);
    },
  });

  async function run(): Promise<void> {
    // One turn of the event loop later, so that everything one stage batch brings leaves together.
    await Promise.resolve();
    while (hasMore()) {
      const restMs = Math.min(CYCLE_MS, lastBeganAt + CYCLE_MS - clock.now()); // the clock may have been set back
      if (restMs > 0) await new Promise<void>((resolve) => clock.after(restMs, resolve));
      lastBeganAt = clock.now();
      const batch = takeBatch();
      const since = waitingSince;
      waitingSince = clock.now();
      await sendResults(batch.filter(isCurrent));
      release(batch);
      context.publishTimes.note(clock.now() - since, clock.now());
    }
  }

  const isCurrent = ({ frame }: { readonly frame: Frame }) => partitions.isCurrent(frame.record);
  const isFull = () => context.unsentBytes >= settings.maxUnsentBytes;

  /**
   * The outcomes that wait longest, one of a frame at most: a batch that may or may not have gone out is sent again as a whole, and
   * no earlier answer of a frame may follow a later one.
   */
  function takeBatch(): Outcome[] {
    const frames = new Set<Frame>();
    const batch: Outcome[] = [];
    let bytes = 0;
    outcomes = outcomes.filter((outcome) => {
      if (batch.length >= MOST_AT_ONCE || bytes >= MOST_BYTES_AT_ONCE || frames.has(outcome.frame)) return true;
      frames.add(outcome.frame);
      bytes += outcomeBytes(outcome);
      batch.push(outcome);
      return false;
    });
    return batch;
  }

  function hold(outcome: Outcome): void {
    context.unsentBytes += outcomeBytes(outcome);
    if (letters.isAwaited(outcome.frame)) afterLetters.set(outcome.frame, outcome);
    else queue(outcome);
  }

  function queue(outcome: Outcome): void {
    if (outcomes.length === 0) waitingSince = clock.now();
    outcomes.push(outcome);
  }

  function endAfterLetter(frame: Frame): void {
    const end = afterLetters.get(frame);
    afterLetters.delete(frame);
    if (end === undefined) return;
    queue(end);
    loop.wake();
  }

  function release(sent: readonly Outcome[]): void {
    const wasFull = isFull();
    for (const outcome of sent) context.unsentBytes -= outcomeBytes(outcome);
    if (wasFull && !isFull()) exits.room();
  }

  /** What `send` is given as often as it takes: those whose partition is still ours. Returns those that were acknowledged. */
  async function untilSent(
    wanted: readonly Outcome[],
    send: (current: readonly Outcome[]) => Promise<void>,
  ): Promise<readonly Outcome[]> {
    let current: readonly Outcome[] = [];
    const attempt = async () => {
      current = wanted.filter(isCurrent);
      if (current.length > 0) await send(current);
    };
    await retry('publish results', attempt, retryContext);
    return current;
  }

  /** Records them; which of them may be published, and which another attempt is ahead of. `isUnknown`: the store was not asked. */
  async function record(outcomes: readonly Outcome[]) {
    const entries = outcomes.map(entryOf);
    const mayPublish = await context.budgetAdvice.ask<boolean[] | null>(() => context.budgets.record(entries), null);
    const since = context.budgets.remembersSince();
    if (mayPublish !== null) catchUp.answered();
    const isRefused = (outcome: Outcome, i: number) => mayPublish?.[i] === false && !forced.has(outcome);
    return {
      accepted: outcomes.filter((outcome, i) => !isRefused(outcome, i)),
      refused: outcomes.filter(isRefused),
      isUnknown: mayPublish === null || context.budgetAdvice.isDegraded,
      since,
    };
  }

  /** Anew where the reply is late: whoever had the frames meanwhile may have got further. */
  async function recordNow(outcomes: readonly Outcome[]): ReturnType<typeof record> {
    for (let asked = 1; ; asked++) {
      const since = clock.now();
      const recorded = await record(outcomes);
      if (clock.now() - since < STALE_REPLY_MS || asked === MOST_ASKED) return recorded;
    }
  }

  async function sendResults(batch: readonly Outcome[]): Promise<void> {
    let recorded: Awaited<ReturnType<typeof record>> = { accepted: [], refused: [], isUnknown: false, since: null };
    let results: ReturnType<typeof makeResult>[] = [];
    const send = async (current: readonly Outcome[]) => {
      // Anew each time: while they could not be sent, another worker may have had their frames and got further.
      const { isUnknown, since, ...now } = await recordNow(current);
      // Anything may have happened until the store replied: what is no longer ours is said by whoever has it now.
      if (hasGivenUp) throw new AnytimeError('stopped', 'Not published: given up while it was being recorded');
      recorded = { accepted: now.accepted.filter(isCurrent), refused: now.refused.filter(isCurrent), isUnknown, since };
      const of = { stages: settings.table.stages, model: settings.model, now: clock.now() };
      results = recorded.accepted.map((outcome) =>
        makeResult({ ...outcome, isFirst: isFirst(outcome) }, { ...of, degraded: degradedOf(outcome, isUnknown) }),
      );
      if (results.length > 0) await sink.publish(results);
    };
    const sent = await untilSent(batch, send);
    if (sent.length === 0) return;
    const { accepted, refused, isUnknown, since } = recorded;
    for (const { value, isFirst } of results) events.emit({ type: 'published', result: value, isFirst });
    acknowledge(accepted, isUnknown, since);
    for (const { frame } of accepted) unannounced.delete(frame);
    await noteUnannounced(refused.filter((outcome) => isFirst(outcome) && outcome.exit === null));
    for (const { frame, exit } of accepted) if (exit !== null) exits.settled(frame);
    for (const { frame, exit } of sent) if (exit === null) exits.sent(frame);
    await endOvertaken(refused.filter(({ exit }) => exit !== null));
  }

  function degradedOf({ frame }: Outcome, isUnknown: boolean): string[] {
    if (isUnknown) return ['budget-store'];
    // It was emptied, or came into use, after the frame was sent; what it knew before, it would still have known when the frame was taken in.
    const since = context.budgets.remembersSince() ?? Number.NEGATIVE_INFINITY;
    const wouldKnow = frame.receivedAt < since + Math.max(settings.frameTtlMs, UNBEGUN_TTL_MS);
    return frame.record.timestamp < since && wouldKnow ? ['budget-history'] : [];
  }

  function isFirst({ frame, answer, isFirst }: Outcome): boolean {
    return isFirst || (answer !== null && unannounced.has(frame));
  }

  /** First answers that the store refused, because another attempt got further: had that one published any? */
  async function noteUnannounced(refused: readonly Outcome[]): Promise<void> {
    const progress = await lookUp(context, refused);
    for (const [i, { frame }] of refused.entries())
      if ((progress?.[i]?.acknowledgedStage ?? 0) === 0) unannounced.add(frame);
  }

  /** `isUnknown`: the store was not asked; `since`: since when it remembered when it was. Nobody waits for it: where it is lost, what the broker has acknowledged goes out once more if its frame comes again. */
  function acknowledge(published: readonly Outcome[], isUnknown: boolean, since: number | null): void {
    if (published.length === 0) return;
    if (isUnknown || context.budgetAdvice.isDegraded) {
      catchUp.note(published);
      return;
    }
    catchUp.known(published, since);
    const acknowledged = published.map(acknowledgedOf);
    void context.budgetAdvice.ask(() => context.budgets.acknowledge(acknowledged), undefined);
  }

  /**
   * Ends that the store refused: another attempt got further, or ended the frame. Where that end is acknowledged nothing is left
   * to do; else the frame ends with what is recorded of it, because whoever recorded that may be gone, or as it is where that
   * cannot be read.
   */
  async function endOvertaken(refused: readonly Outcome[]): Promise<void> {
    const progress = await lookUp(context, refused);
    for (const [i, outcome] of refused.entries()) {
      const known = progress?.[i];
      const { answer, exit } = parseRecorded(known?.answer ?? null);
      const isFurther = answer !== null && answer.stage > (outcome.answer?.stage ?? 0);
      if (known?.isAcknowledged) exits.settled(outcome.frame);
      else if (known !== undefined && (isFurther || exit !== null)) {
        const isFirst = answer !== null && known.acknowledgedStage === 0;
        // With an answer of another attempt it is late, not without any.
        const own = answer !== null && outcome.exit === 'expired' ? 'deadline' : outcome.exit;
        const theirs = { ...outcome, answer, isFirst, exit: exit ?? own, spent: known.spent, cost: 0 };
        if (exit !== null) forced.add(theirs); // that very end, however whoever recorded it wrote it down
        hold(theirs);
      } else {
        if (known !== undefined) forced.add(outcome);
        hold(outcome);
      }
    }
  }

  return {
    publish(outcome) {
      hold(outcome);
      loop.wake();
    },
    deadLetter: letters.send,
    async idle() {
      await letters.idle();
      await loop.idle();
    },
    giveUp() {
      hasGivenUp = true;
      letters.giveUp();
      release([...outcomes, ...afterLetters.values()]);
      outcomes = [];
      afterLetters.clear();
    },
  };
}
