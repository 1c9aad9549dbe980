// Intake: take records in, refuse what does not parse, end what is past its deadline, skip what is finished, decode the rest,
// and keep no more than can be held. Enters: records. Leaves: decoded frames to the ready queue, refusals, expired frames.
import { type Frame, newFrame } from '../core/frame.ts';
import type { FrameRecord } from '../core/frame-record.ts';
import { defaultFrameId, identityOf, parseFrameSpec } from '../core/frame-spec.ts';
import type { ExitReason } from '../core/result.ts';
import { canAnswer } from '../core/scheduler.ts';
import { AnytimeError } from '../errors.ts';
import type { FrameProgress } from '../ports.ts';
import type { PipelineContext } from './context.ts';
import { parseRecorded } from './recorded-answer.ts';

export interface IntakeExits {
  /** A frame is ready for stage 1. */
  ready(frame: Frame): void;
  /** It can never be classified: a dead letter. */
  refuse(frame: Frame, step: string, reason: Error): void;
  /** No time left; it ends with the answer it has, or none. */
  tooLate(frame: Frame): void;
  /** Nothing to do for it: an earlier attempt finished it, and its final record is acknowledged. */
  alreadyFinal(frame: Frame): void;
  /** Records needed no work: what is committable may have moved. */
  skipped(): void;
  /** An earlier attempt recorded its end, but the final record may never have gone out. */
  finalAgain(frame: Frame, exit: ExitReason): void;
}

export interface Intake {
  takeIn(records: readonly FrameRecord[]): void;
}

export function createIntake(context: PipelineContext, exits: IntakeExits): Intake {
  const { clock, credits, decoder, decoding, events, inHand, partitions, settings } = context;

  function admit(record: FrameRecord): Frame | null {
    const taken = partitions.take(record);
    if (taken !== 'new') {
      const id = defaultFrameId(record);
      if (taken === 'settled') events.emit({ type: 'skipped', id, why: 'already-settled' });
      else events.emit({ type: 'dropped', id, why: taken === 'stale' ? 'stale-epoch' : 'already-taken' });
      return null;
    }
    let refusal: Error | null = null;
    let spec = null;
    try {
      spec = parseFrameSpec(record, settings.defaults);
      if (record.value === null || record.value.length === 0)
        refusal = new AnytimeError(
          'bad-image',
          `Expected image bytes, got ${record.value === null ? 'null' : '0 bytes'}`,
        );
    } catch (error) {
      refusal = error as Error;
    }
    // A record whose headers do not parse still needs a name and a place in the ledger until its dead letter is acknowledged.
    spec ??= identityOf(record, settings.defaults);
    const frame = newFrame(spec, record, clock.now());
    credits.take(frame.heldBytes);
    inHand.add(frame);
    if (refusal !== null) exits.refuse(frame, 'intake', refusal);
    return refusal === null ? frame : null;
  }

  async function begin(frames: readonly Frame[]): Promise<void> {
    const ids = frames.map((frame) => frame.spec.id);
    const ask = () => context.budgets.begin(ids, settings.frameTtlMs);
    const progress = await context.budgetAdvice.ask<FrameProgress[] | null>(ask, null);
    for (const [i, frame] of frames.entries()) {
      if (!inHand.has(frame)) continue;
      const known = progress?.[i];
      if (known?.isFinal && known.isAcknowledged) {
        exits.alreadyFinal(frame);
        continue;
      }
      const recorded = parseRecorded(known?.answer ?? null);
      frame.answer = recorded.answer;
      frame.spent = known?.spent ?? 0;
      if (known?.isFinal && recorded.exit !== null) {
        exits.finalAgain(frame, recorded.exit);
        continue;
      }
      if (canBeAnswered(frame)) void decode(frame);
      else exits.tooLate(frame);
    }
  }

  async function decode(frame: Frame): Promise<void> {
    const { record, spec } = frame;
    const isWanted = () => inHand.has(frame) && canBeAnswered(frame);
    decoding.began(frame);
    try {
      frame.pixels = await decoder.decode(record.value ?? new Uint8Array(), spec.format, spec.deadline, isWanted);
    } catch (error) {
      decoding.ended(frame);
      if (!inHand.has(frame)) return;
      if (canBeAnswered(frame)) exits.refuse(frame, 'decode', error as Error);
      else exits.tooLate(frame);
      return;
    }
    decoding.ended(frame);
    if (!inHand.has(frame)) return;
    if (canBeAnswered(frame)) exits.ready(frame);
    else exits.tooLate(frame);
  }

  function canBeAnswered({ spec }: Frame): boolean {
    return canAnswer(spec.deadline, clock.now(), context.latency, context.publishMs);
  }

  return {
    takeIn(records) {
      const frames = records.flatMap((record) => admit(record) ?? []);
      events.emit({ type: 'taken', frames: records.length });
      if (frames.length < records.length) exits.skipped();
      if (frames.length > 0) void begin(frames);
    },
  };
}
