// Sweep: end the frames that wait for a stage and can no longer run it in time, or may not, and those that must go so that urgent ones can
// come in. Asked before each decision of the stage loop, and on a timer while something waits.
import type { Frame } from '../core/frame.ts';
import type { ExitReason } from '../core/result.ts';
import { nextDue, overdue } from '../core/scheduler.ts';
import type { PipelineContext } from './context.ts';

/** Expired frames are looked for at least this often while something waits, ms. */
const SWEEP_EVERY_MS = 20;
/** For so long after a frame with a deadline came, those without one give way too, ms. */
const URGENT_MS = 10_000;

export interface SweepExits {
  /** The frame ends with the answer it has, or none. */
  ended(frame: Frame, exit: ExitReason): void;
  /** It is time to look again. */
  due(): void;
}

export interface Sweep {
  run(now: Omit<Parameters<typeof overdue>[0], 'table'>): void;
  stop(): void;
}

export function createSweep(context: PipelineContext, exits: SweepExits): Sweep {
  const { clock, credits, inHand, queue, runner, settings } = context;
  let isStopped = false;
  let cancel: (() => void) | null = null;

  /**
   * At the high mark records wait in Kafka unseen: refinement gives way, least gain first. That of frames without a deadline only where others have
   * one, which may be among the unseen: alone they can wait, and are refined as far as they may.
   */
  function evicted(): Frame[] {
    const { heldActivations, heldBytes } = runner.status();
    const overBytes = heldBytes - settings.maxHeldActivationBytes;
    const forBytes = overBytes > 0 ? Math.ceil((overBytes / heldBytes) * heldActivations) : 0;
    const gone = forBytes > 0 ? queue.removeLeastValue(forBytes, () => true) : [];
    if (!credits.isAboveHigh()) return gone;
    // Ended frames hold their credit until they are settled, which is soon: they are no reason to end more.
    let ending = gone.length;
    for (const frame of inHand) if (frame.isEnded) ending += 1;
    const isUrgent = Math.abs(clock.now() - context.deadlineSeenAt) < URGENT_MS; // the clock may have been set back
    const mayGo = ({ spec }: Frame) => isUrgent || spec.deadline !== null;
    return [...gone, ...queue.removeLeastValue(credits.excessFrames() - ending, mayGo)];
  }

  function lookAgain(): void {
    cancel?.();
    cancel = null;
    const dueAt = queue.size > 0 ? nextDue(queue, settings.table) : null;
    if (dueAt === null || isStopped) return;
    cancel = clock.after(Math.max(1, Math.min(SWEEP_EVERY_MS, dueAt - clock.now())), exits.due);
  }

  return {
    run(now) {
      const { expired, late, beyondLimit } = overdue({ ...now, table: settings.table }, context.depthLimit);
      for (const frame of expired) exits.ended(frame, 'expired');
      for (const frame of late) exits.ended(frame, 'deadline');
      for (const frame of beyondLimit) exits.ended(frame, 'load');
      for (const frame of evicted()) exits.ended(frame, 'load');
      lookAgain();
    },
    stop() {
      isStopped = true;
      cancel?.();
    },
  };
}
