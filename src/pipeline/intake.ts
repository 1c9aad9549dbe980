// Intake: take records in, refuse what does not parse, end what is past its deadline, skip what is finished, decode the rest,
// and keep no more than can be held. Enters: records. Leaves: decoded frames to the ready queue, refusals, expired frames.
import { type Frame, newFrame } from '../core/frame.ts';
import type { FrameRecord } from '../core/frame-record.ts';
import { defaultFrameId, identityOf, parseFrameSpec } from '../core/frame-spec.ts';
import type { ExitReason } from '../core/result.ts';
import { canAnswer } from '../core/scheduler.ts';
import { AnytimeError, hasCode } from '../errors.ts';
import type { FrameProgress } from '../ports.ts';
import { COUNTED_TOGETHER } from './attempts.ts';
import type { PipelineContext } from './context.ts';
import { lookUp } from './look-up.ts';
import { createQuarantine } from './quarantine.ts';
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
  /** A decode is over that brought no frame to run: what gave way to it may go on. */
  decoded(): void;
  /** No frame can be decoded any more. */
  failed(error: Error): void;
}

interface Refused {
  readonly frame: Frame;
  readonly reason: Error;
}

export interface Intake {
  /** Returns how many of them are new: what is in hand or settled may come again. */
  takeIn(records: readonly FrameRecord[]): number;
  /** A frame got through a stage, ended or was let go: another suspect may have its turn. */
  wake(): void;
}

/** A suspect is counted while it is decoded, so it is the next to have its turn. Epoch ms. */
const AT_ONCE = 0;
/** The last time there is: frames without a deadline are decoded after those with one. Epoch ms. */
const AFTER_DEADLINES = 8.64e15;
/** A record's own time counts for so long before it was received, however old it says that it is, ms. */
const OLDEST_MS = 60_000;

export function createIntake(context: PipelineContext, exits: IntakeExits): Intake {
  const { attempts, clock, credits, decoder, decoding, events, inHand, partitions, queue, settings } = context;
  /** Of the records that are being taken in. */
  let refused: Refused[] = [];

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
      if (record.unreadable !== undefined) refusal = new AnytimeError('bad-batch', record.unreadable);
      else if (record.value === null || record.value.length === 0)
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
    if (spec.deadline !== null) context.deadlineSeenAt = frame.receivedAt;
    credits.take(frame.heldBytes);
    inHand.add(frame);
    if (refusal !== null) refused.push({ frame, reason: refusal });
    return refusal === null ? frame : null;
  }

  /** Unless an earlier attempt did: a dead letter is acknowledged before the end of its frame is recorded. */
  async function refuse(bad: readonly Refused[]): Promise<void> {
    const progress = await lookUp(context, bad);
    for (const [i, { frame, reason }] of bad.entries()) {
      if (!inHand.has(frame)) continue;
      const known = progress?.[i];
      const { exit } = parseRecorded(known?.answer ?? null);
      if (!known?.isFinal || exit !== 'rejected') exits.refuse(frame, 'intake', reason);
      else if (known.isAcknowledged) exits.alreadyFinal(frame);
      else exits.finalAgain(frame, exit);
    }
  }

  const quarantine = createQuarantine(inHand, {
    admit(frame) {
      if (!canBeAnswered(frame)) exits.tooLate(frame);
      else if (frame.pixels === null) void beginAlone(frame);
      else exits.ready(frame);
    },
    hold(frame) {
      if (queue.remove((other) => other === frame).length === 0) return false;
      void attempts.giveBack([frame]);
      return true;
    },
  });

  /** Ask what is known of the frames, and count this attempt, in one round trip. */
  async function begin(frames: readonly Frame[]): Promise<void> {
    const progress = await attempts.begin(frames);
    for (const [i, frame] of frames.entries()) if (inHand.has(frame)) goOn(frame, progress[i]);
    quarantine.wake();
  }

  /** A suspect's turn: counted first, and for as long as it is decoded. */
  async function beginAlone(frame: Frame): Promise<void> {
    await attempts.count([frame]);
    if (inHand.has(frame) && !frame.isEnded) void decode(frame);
  }

  function goOn(frame: Frame, known: FrameProgress | undefined): void {
    if (known?.isFinal && known.isAcknowledged) {
      exits.alreadyFinal(frame);
      return;
    }
    const recorded = parseRecorded(known?.answer ?? null);
    frame.answer = recorded.answer;
    frame.spent = known?.spent ?? 0;
    frame.sentStage = Math.min(known?.acknowledgedStage ?? 0, recorded.answer?.stage ?? 0);
    frame.recordedStage = known?.stage ?? 0;
    const begun = known?.attempts ?? 1;
    frame.vainAttempts = Math.max(0, begun - 1 - COUNTED_TOGETHER);
    if (known?.isFinal && recorded.exit !== null) exits.finalAgain(frame, recorded.exit);
    else if (begun > COUNTED_TOGETHER + settings.maxAttempts)
      exits.refuse(frame, 'attempts', tooManyAttempts(frame.vainAttempts));
    else if (!canBeAnswered(frame)) exits.tooLate(frame);
    else if (begun > COUNTED_TOGETHER && !frame.isSuspect) quarantine.add(frame);
    else void decode(frame);
  }

  async function decode(frame: Frame): Promise<void> {
    const { record, spec } = frame;
    const isWanted = () => {
      decoding.leavesQueue(frame);
      const isWorthIt = inHand.has(frame) && canBeAnswered(frame, decoding.neededMs);
      if (isWorthIt) decoding.atDecoder(frame);
      return isWorthIt;
    };
    let failure: Error | null = null;
    decoding.began(frame);
    try {
      frame.pixels = await decoder.decode(record.value ?? new Uint8Array(), spec.format, turnOf(frame), isWanted);
    } catch (error) {
      failure = error as Error;
    }
    decoding.ended(frame);
    if (inHand.has(frame)) {
      if (failure === null && frame.isSuspect) void attempts.giveBack([frame]); // its run will be counted again
      if (hasCode(failure, 'decoder-hung')) exits.failed(failure);
      else if (frame.isEnded) return exits.decoded();
      else if (!canBeAnswered(frame) || isCalledOff(failure)) exits.tooLate(frame);
      else if (failure !== null) exits.refuse(frame, 'decode', failure);
      else return exits.ready(frame);
    }
    exits.decoded();
  }

  /** `decodeMs`: what comes before its first run. */
  function canBeAnswered({ spec }: Frame, decodeMs = 0): boolean {
    return canAnswer(spec.deadline, clock.now() + decodeMs, context.latency, context.publishMs());
  }

  return {
    takeIn(records) {
      const frames = records.flatMap((record) => admit(record) ?? []);
      events.emit({ type: 'taken', frames: records.length });
      if (frames.length < records.length) exits.skipped();
      if (frames.length > 0) void begin(frames);
      const count = frames.length + refused.length;
      if (refused.length > 0) void refuse(refused);
      refused = [];
      return count;
    },
    wake: () => quarantine.wake(),
  };
}

/** The decoder asked at its turn, and the frame had no time left. */
function isCalledOff(failure: Error | null): boolean {
  return hasCode(failure, 'stopped');
}

function tooManyAttempts(attempts: number): AnytimeError {
  const message = `Expected work on the frame alone to bring it further, got ${attempts} attempts that came to nothing`;
  return new AnytimeError('too-many-attempts', message);
}

/**
 * When it is to be decoded among those that wait: by deadline; without one the oldest record first, be it of another partition. What one
 * partition has left over, as after the death of its worker, would go before all of the next otherwise.
 */
function turnOf({ isSuspect, spec, record, receivedAt }: Frame): number {
  if (isSuspect) return AT_ONCE;
  const since = Math.min(receivedAt, Math.max(receivedAt - OLDEST_MS, record.timestamp));
  return Math.min(spec.deadline ?? Infinity, AFTER_DEADLINES + since);
}
