// Settle and commit: an acknowledged end gives back what the frame held, moves its partition's ledger, and soon after the
// committable offsets are committed, all partitions in one call.
import type { Frame } from '../core/frame.ts';
import type { PipelineContext } from './context.ts';
import { retry } from './retry.ts';

export interface Settler {
  /** The frame's end is acknowledged: its offset is settled. */
  settle(frame: Frame): void;
  /** Let go of frames without settling them: their partition is no longer ours, or the worker stops. */
  drop(matches: (frame: Frame) => boolean): void;
  /** Commit what can be committed, after the interval between two commits at the latest. */
  commitSoon(): void;
  /** Commit now what can be committed. */
  commit(): Promise<void>;
  /** Resolves when no frame is in hand. */
  allSettled(): Promise<void>;
  /** Resolves when the attempts on what was let go are given back, as far as the budget store answers. */
  givenBack(): Promise<void>;
  stop(): void;
}

export function createSettler(
  context: PipelineContext,
  exits: { roomAgain(): void; failed(error: Error): void },
): Settler {
  const { clock, credits, events, inHand, partitions, queue, runner, settings, source } = context;
  let cancelCommit: (() => void) | null = null;
  let committing: Promise<void> = Promise.resolve();
  let isStopped = false;
  let onEmpty: (() => void)[] = [];
  let givingBack: Promise<void> = Promise.resolve();

  function letGo(frame: Frame): void {
    if (!inHand.delete(frame)) return;
    credits.give(frame.heldBytes);
    if (frame.handle !== null) runner.release([frame.handle]);
    frame.handle = null;
    frame.pixels = null;
    frame.combined = null;
    if (inHand.size > 0) return;
    for (const resolve of onEmpty) resolve();
    onEmpty = [];
  }

  /**
   * What is let go before it got anywhere did no harm: its attempt does not count. One that failed stays counted (this worker may be
   * ending because of it), and so does one that got further than the attempts before: that answer's record makes the count begin anew.
   */
  function giveBack(gone: readonly Frame[]): void {
    const isUnharmed = (frame: Frame) => frame.sentStage <= frame.recordedStage && !frame.isEnded;
    const asked = context.attempts.giveBack(gone.filter(isUnharmed));
    givingBack = Promise.all([givingBack, asked]).then(() => {});
  }

  async function commit(): Promise<void> {
    const commits = partitions.offer();
    if (commits.length === 0) return;
    const isGivenUp = () => isStopped;
    const taken = await retry('commit offsets', () => source.commit(commits), { clock, events, isGivenUp });
    for (const { topic, partition, offset } of partitions.committed(taken))
      events.emit({ type: 'committed', topic, partition, offset });
  }

  /** One commit at a time, so that an older offset can never land after a newer one. */
  function commitInTurn(): Promise<void> {
    committing = committing.then(commit);
    const result = committing;
    committing = committing.catch(() => {});
    return result;
  }

  /** What settles or is skipped within one interval is committed together, whether it moves the committable offset or only the map. */
  function commitSoon(): void {
    if (isStopped) return;
    cancelCommit ??= clock.after(settings.commitEveryMs, () => {
      cancelCommit = null;
      commitInTurn().catch((error) => exits.failed(error as Error));
    });
  }

  return {
    commitSoon,
    settle(frame) {
      partitions.settle(frame.record);
      letGo(frame);
      exits.roomAgain();
      commitSoon();
    },
    drop(matches) {
      const gone = [...inHand].filter(matches);
      const isGone = new Set(gone);
      queue.remove((frame) => isGone.has(frame));
      giveBack(gone);
      for (const frame of gone) letGo(frame);
    },
    givenBack: () => givingBack,
    commit: commitInTurn,
    allSettled() {
      return inHand.size === 0 ? Promise.resolve() : new Promise((resolve) => onEmpty.push(resolve));
    },
    stop() {
      isStopped = true;
      cancelCommit?.();
    },
  };
}
