// Record, then publish. Outcomes leave in the order they came, a batch at a time: while one batch is on its way the next gathers,
// so a frame's answers can never overtake each other. Enters: outcomes and dead letters. Leaves: acknowledged ends, to be settled.
import type { Frame } from '../core/frame.ts';
import { makeResult, type Outcome } from '../core/make-result.ts';
import type { ResultRecord } from '../core/result.ts';
import type { DeadLetter, FrameProgress } from '../ports.ts';
import type { PipelineContext } from './context.ts';
import { formatRecorded, parseRecorded } from './recorded-answer.ts';
import { retry } from './retry.ts';

interface Refusal extends DeadLetter {
  readonly frame: Frame;
}

export interface Publisher {
  publish(outcome: Outcome): void;
  deadLetter(refusal: Refusal): void;
  /** Resolves when nothing is on its way. */
  idle(): Promise<void>;
  /** Stop trying: what is not acknowledged now stays uncommitted. */
  giveUp(): void;
}

const MOST_AT_ONCE = 500;
/** At most one batch begins within so many ms: each costs a round trip to the store and to the broker, however little it carries. */
const CYCLE_MS = 5;
/** Of the running estimate of the 95th percentile: step sizes up and down that balance at 95 %. */
const P95_UP = 0.19;
const P95_DOWN = 0.01;

export interface PublisherExits {
  /** The frame's end is acknowledged (or nobody wants it any more). */
  settled(frame: Frame): void;
  failed(error: Error): void;
}

export function createPublisher(context: PipelineContext, exits: PublisherExits): Publisher {
  const { clock, events, partitions, settings, sink } = context;
  let outcomes: Outcome[] = [];
  let refusals: Refusal[] = [];
  /** When the first of the outcomes that now wait came: what waiting takes belongs to publishing. */
  let waitingSince = 0;
  let lastBeganAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;
  let hasGivenUp = false;
  const retryContext = { clock, events, isGivenUp: () => hasGivenUp };

  function wake(): void {
    running ??= run()
      .catch((error) => exits.failed(error as Error))
      .finally(() => {
        running = null;
        if (!hasGivenUp && outcomes.length + refusals.length > 0) wake();
      });
  }

  async function run(): Promise<void> {
    // One turn of the event loop later, so that everything one stage batch brings leaves together.
    await Promise.resolve();
    while (!hasGivenUp && outcomes.length + refusals.length > 0) {
      const restMs = lastBeganAt + CYCLE_MS - clock.now();
      if (restMs > 0) await new Promise<void>((resolve) => clock.after(restMs, resolve));
      lastBeganAt = clock.now();
      const batch = outcomes.splice(0, MOST_AT_ONCE);
      const letters = refusals.splice(0, MOST_AT_ONCE);
      const since = waitingSince;
      waitingSince = clock.now();
      if (letters.length > 0) await sendLetters(letters.filter(({ record }) => partitions.isCurrent(record)));
      if (batch.length > 0) await sendResults(batch.filter(({ frame }) => partitions.isCurrent(frame.record)));
      if (batch.length > 0) observe(clock.now() - since);
    }
  }

  async function sendResults(batch: readonly Outcome[]): Promise<void> {
    const entries = batch.map(({ frame, answer, exit, cost }) => ({
      frameId: frame.spec.id,
      stage: answer?.stage ?? 0,
      cost,
      epoch: frame.record.epoch,
      isFinal: exit !== null,
      answer: formatRecorded({ answer, exit }),
    }));
    const mayPublish = await context.budgetAdvice.ask<boolean[] | null>(() => context.budgets.record(entries), null);
    const degraded = context.budgetAdvice.isDegraded ? ['budget-store'] : [];
    const isRefused = (_: Outcome, i: number) => mayPublish?.[i] === false;
    const accepted = batch.filter((outcome, i) => !isRefused(outcome, i));
    const { stages } = settings.table;
    const results: ResultRecord[] = accepted.map((outcome) =>
      makeResult(outcome, { stages, model: settings.model, now: clock.now(), degraded }),
    );
    if (results.length > 0) await retry('publish results', () => sink.publish(results), retryContext);
    for (const { value, isFirst } of results) events.emit({ type: 'published', result: value, isFirst });
    const ended = accepted.filter(({ exit }) => exit !== null);
    if (ended.length > 0 && !context.budgetAdvice.isDegraded) {
      const ids = ended.map(({ frame }) => frame.spec.id);
      void context.budgetAdvice.ask(() => context.budgets.acknowledge(ids), undefined);
    }
    for (const { frame } of ended) exits.settled(frame);
    await endOvertaken(batch.filter((outcome, i) => isRefused(outcome, i) && outcome.exit !== null));
  }

  /**
   * Ends that the store refused: another attempt got further, or ended the frame. Where that end is acknowledged nothing is left
   * to do; else the frame ends with what is recorded of it, because whoever recorded that may be gone.
   */
  async function endOvertaken(refused: readonly Outcome[]): Promise<void> {
    if (refused.length === 0) return;
    const ids = refused.map(({ frame }) => frame.spec.id);
    const look = () => context.budgets.begin(ids, settings.frameTtlMs, 0);
    const progress = await context.budgetAdvice.ask<FrameProgress[] | null>(look, null);
    for (const [i, outcome] of refused.entries()) {
      const known = progress?.[i];
      const { answer, exit } = parseRecorded(known?.answer ?? null);
      const isFurther = answer !== null && answer.stage > (outcome.answer?.stage ?? 0);
      if (known === undefined) outcomes.push(outcome);
      else if (!known.isAcknowledged && (isFurther || exit !== null)) {
        const isFirst = outcome.isFirst || (exit !== null && answer?.stage === 1);
        outcomes.push({ ...outcome, answer, isFirst, exit: exit ?? outcome.exit, spent: known.spent, cost: 0 });
      } else exits.settled(outcome.frame);
    }
  }

  async function sendLetters(letters: readonly Refusal[]): Promise<void> {
    if (letters.length === 0) return;
    await retry('publish dead letters', () => sink.deadLetter(letters), retryContext);
    for (const { frame, step, reason } of letters)
      events.emit({ type: 'dead-lettered', id: frame.spec.id, step, reason: reason.message });
  }

  function observe(ms: number): void {
    const step = Math.max(1, context.publishMs);
    context.publishMs = Math.max(0, context.publishMs + (ms > context.publishMs ? P95_UP : -P95_DOWN) * step);
  }

  return {
    publish(outcome) {
      if (outcomes.length === 0) waitingSince = clock.now();
      outcomes.push(outcome);
      wake();
    },
    deadLetter(refusal) {
      refusals.push(refusal);
      wake();
    },
    async idle() {
      while (running !== null) await running;
    },
    giveUp() {
      hasGivenUp = true;
      outcomes = [];
      refusals = [];
    },
  };
}
