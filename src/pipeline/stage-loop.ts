// Schedule, run, refine or exit: one stage batch after another while frames wait. Enters: ready frames. Leaves: answers, and ended
// frames. The Kafka thread never runs a kernel: the run itself happens in the stage thread, behind the StageRunner port.
import { combineAnswer } from '../core/answer-rule.ts';
import { decideExit } from '../core/exit-policy.ts';
import { beginAnew, type Frame } from '../core/frame.ts';
import { answerOf } from '../core/make-result.ts';
import type { ExitReason } from '../core/result.ts';
import { isTry, type Situation, type StageBatch, schedule } from '../core/scheduler.ts';
import { AnytimeError, hasCode, messageOf } from '../errors.ts';
import type { StageOutput } from '../ports.ts';
import type { PipelineContext } from './context.ts';
import { createSweep } from './sweep.ts';
import { createTrial } from './trial.ts';
import { type Run, UnderWay } from './under-way.ts';

export interface StageLoopExits {
  /** An answer is there; `exit` non-null when it ends the frame. `cost` = passes of the run that brought it. */
  answered(frame: Frame, exit: ExitReason | null, cost: number): void;
  /** The frame ends with the answer it has, or none. */
  ended(frame: Frame, exit: ExitReason): void;
  refuse(frame: Frame, step: string, reason: Error): void;
  /** A stage run is over, and what follows for its frames is decided. */
  ran(): void;
  failed(error: Error): void;
}

export interface StageLoop {
  ready(frame: Frame): void;
  /** An answer of it is recorded and out. */
  sent(frame: Frame): void;
  /** Look again: a limit changed, frames were removed, or time passed. */
  wake(): void;
  stop(): void;
}

const isCrash = (error: unknown) => hasCode(error, 'engine-crashed', 'engine-restarted');

/** Work that the engine may have ahead of it when it is given more, ms: what this thread may be kept from running. */
const AHEAD_MS = 9;
/** However short they are: what is handed over can't be taken back. */
const MOST_UNDER_WAY = 4;

export function createStageLoop(context: PipelineContext, exits: StageLoopExits): StageLoop {
  const { attempts, clock, credits, decoding, events, inHand, latency, queue, runner, settings } = context;
  const { hang, table } = settings;
  const underWay = new UnderWay(clock);
  const sweep = createSweep(context, { ended: exits.ended, due: wake });
  const trial = createTrial(context, wake);
  /**
   * Suspects that got further and are not refined before that is recorded: it makes their count begin anew, and a frame that brings
   * its worker down in the next stage must find it done.
   */
  const untilSent = new WeakSet<Frame>();
  let isStopped = false;
  let cancelHandOver: (() => void) | null = null;

  function wake(): void {
    if (isStopped || context.phase === 'starting') return;
    sweep.run(waiting());
    handOver();
  }

  /**
   * Stage batches are handed over while the engine has little work ahead: decided late enough to know of most frames, early enough
   * that the engine does not wait for this thread. From then on what comes is handed over at once. While so many results wait for
   * the broker that no more may be held, the engine rests.
   */
  function handOver(): void {
    cancelHandOver?.();
    cancelHandOver = null;
    if (context.unsentBytes >= settings.maxUnsentBytes) {
      trial.putOff();
      return;
    }
    const aheadMs = () => underWay.aheadMs();
    while (!isStopped && underWay.runs.length < MOST_UNDER_WAY && aheadMs() <= AHEAD_MS) if (!runNext()) return;
    if (aheadMs() > AHEAD_MS) cancelHandOver = clock.after(aheadMs() - AHEAD_MS, wake);
  }

  /** Hand the next stage batch over, decided for the moment at which the engine is free to take it; false when there is none. */
  function runNext(): boolean {
    const counted = trial.take();
    const next = counted === null ? nextBatch() : { stage: counted.stage + 1, frames: [counted] };
    if (next === null) return false;
    const { now, publishMs } = waiting();
    const expectedMs = latency.predict(next.stage, next.frames.length);
    const run: Run = { ...next, expectedMs, isTry: isTry(next, now, latency, publishMs), goesAlong: false };
    underWay.begin(run);
    runBatch(run).catch((error) => exits.failed(error as Error));
    return true;
  }

  /** Taken out of the ready queue. A suspect whose turn comes is counted first; meanwhile what is as urgent runs. */
  function nextBatch(): StageBatch | null {
    for (;;) {
      const next = schedule({ ...waiting(), undecoded: decoding.undecoded(), hasRoom: credits.hasRoom() });
      if (next === null) return null;
      if (next.stage > 1 && trial.isForFirstAnswer) return null;
      const frames = withoutSuspects(next.frames);
      queue.take(next.stage, frames);
      const [first] = frames;
      if (first === undefined || !first.isSuspect) return { stage: next.stage, frames };
      trial.begin(first);
    }
  }

  /** What can be said of the ready queue at the moment at which the engine is free. */
  function waiting(): Omit<Situation, 'undecoded' | 'hasRoom'> {
    const now = clock.now() + Math.max(0, underWay.aheadMs());
    return { queue, now, latency, table, settings: settings.schedule, publishMs: context.publishMs() };
  }

  /** A frame whose run has failed here, or whose last worker may have died of it, runs alone: it cannot take others down. */
  function withoutSuspects(frames: readonly Frame[]): readonly Frame[] {
    const isSuspect = (frame: Frame) => frame.failedRuns > 0 || frame.isSuspect;
    if (frames.length <= 1 || !frames.some(isSuspect)) return frames;
    return frames.findIndex(isSuspect) === 0 ? frames.slice(0, 1) : frames.filter((frame) => !isSuspect(frame));
  }

  /** This run did not come to nothing by their doing. Others than suspects stay counted until their answers are recorded. */
  function unblame(frames: readonly Frame[]): void {
    void attempts.giveBack(frames.filter(({ isSuspect }) => isSuspect));
  }

  /** False when it was dropped or ended while it ran. */
  function isWanted(frame: Frame): boolean {
    return inHand.has(frame) && !frame.isEnded;
  }

  async function runBatch(run: Run): Promise<void> {
    const { stage, frames } = run;
    const inputs = frames.map(({ handle, pixels }) => ({ handle, pixels: handle === null ? pixels : null }));
    try {
      const { outputs, computeMs } = await runner.runStage(
        stage,
        inputs,
        Math.max(hang.floorMs, hang.factor * run.expectedMs),
      );
      latency.observe(stage, frames.length, computeMs, clock.now(), run.isTry);
      unblame(frames);
      for (const [i, frame] of frames.entries()) takeAnswer(frame, stage, outputs[i]);
      const queued = underWay.runs.reduce((sum, other) => sum + (other === run ? 0 : other.frames.length), queue.size);
      events.emit({
        type: 'stage-run',
        stage,
        batch: frames.length,
        ms: computeMs,
        busyMs: runner.status().busyMs,
        queued,
      });
    } catch (error) {
      // The engine takes runs in order: a crash is the doing of the one at the head, the others only go with it. What is handed
      // over between its rejection and theirs is none of them.
      const isHead = !run.goesAlong && !hasCode(error, 'engine-restarted', 'stopped'); // those two: it was never begun
      run.goesAlong = !isHead;
      if (run.goesAlong) unblame(frames);
      else
        for (const frame of frames) {
          frame.failedRuns += 1;
          attempts.keep(frame);
        }
      const isStop = hasCode(error, 'stopped', 'engine-hung');
      if (isHead && (isStop || isCrash(error))) for (const other of underWay.runs) other.goesAlong = other !== run;
      if (isStop) {
        isStopped = true; // for good: what waits is not to be tried on it
        exits.failed(error as Error);
      } else {
        runAgain(run, error);
        if (!run.goesAlong && !isStopped) countAgain(frames);
      }
    }
    exits.ran();
    // In the same turn as the answers, before anything of them is published: the engine waits for nothing else.
    underWay.end(run);
    wake();
  }

  function takeAnswer(frame: Frame, stage: number, output: StageOutput | undefined): void {
    if (output === undefined) throw new AnytimeError('engine-failed', `Expected one output per frame, stage ${stage}`);
    if (!isWanted(frame)) {
      runner.release([output.handle]);
      return;
    }
    frame.handle = output.handle;
    frame.stage = stage;
    frame.combined = combineAnswer(settings.answer, frame.combined, output.scores, stage);
    frame.spent += table.cost(stage);
    // What this attempt sent before, or an earlier one beyond this stage, is not said again. A recorded answer of this very
    // stage is: its worker may have ended between recording and publishing it.
    const isNews = stage > frame.sentStage && stage >= (frame.answer?.stage ?? 0);
    if (isNews) {
      frame.answer = answerOf(frame.combined, settings.classes, stage);
    }
    const isFurther = stage > frame.recordedStage;
    if (isFurther) {
      frame.vainAttempts = 0;
      frame.countedBefore = 0; // once that is recorded
    }
    const exit = exitOf(frame);
    if (isNews) exits.answered(frame, exit, table.cost(stage));
    else if (exit !== null) exits.ended(frame, exit);
    if (exit !== null) return;
    if (isFurther && isNews && frame.isSuspect) untilSent.add(frame);
    else queue.add(frame);
  }

  /** Why the frame ends with the answer it has; null = its next stage is to run. */
  function exitOf(frame: Frame): ExitReason | null {
    const { answer, spec, spent, stage } = frame;
    if (answer === null) return null;
    const now = clock.now();
    const nextMs = latency.neededMs(Math.min(stage + 1, table.stages), now) + context.publishMs();
    const { confidence, stage: answered } = answer;
    const { depthLimit } = context;
    return decideExit({ ...spec, stage, answered, confidence, spent, depthLimit, now, nextMs }, table);
  }

  /** A frame is to run its next stage, unless the answer it has (from before a crash, from another worker) is all it can get. */
  function enqueue(frame: Frame): void {
    const exit = exitOf(frame);
    if (exit === null) queue.add(frame);
    else exits.ended(frame, exit);
  }

  /**
   * After a failed run: what the thread held is gone or suspect, so these frames (after a crash: all) begin again at stage 1. Those whose own
   * run failed may have had enough; the others have nothing to do with it.
   */
  function runAgain({ frames: batch, goesAlong }: Run, error: unknown): void {
    const hasCrashed = isCrash(error);
    const waiting = hasCrashed ? queue.remove((frame) => frame.handle !== null) : [];
    const running = new Set(underWay.runs.flatMap(({ frames }) => frames));
    const held = hasCrashed ? [...inHand].filter((frame) => frame.handle !== null && !running.has(frame)) : [];
    runner.release([...batch, ...held].flatMap(({ handle }) => handle ?? [])); // a thread that took its place may have some
    for (const frame of held) beginAnew(frame);
    events.emit({
      type: 'engine-restarted',
      reason: messageOf(error),
      framesToRunAgain: batch.length + waiting.length,
    });
    const isEnough = ({ failedRuns, vainAttempts }: Frame) => failedRuns + vainAttempts >= settings.maxFailedRuns;
    for (const frame of batch) {
      beginAnew(frame);
      if (!isWanted(frame)) continue;
      if (!goesAlong && isEnough(frame)) exits.refuse(frame, 'stage-run', error as Error);
      else enqueue(frame);
    }
    for (const frame of waiting) if (isWanted(frame)) enqueue(frame);
  }

  /**
   * To run a frame again is another attempt, which a suspect has counted when its turn comes. One that was dropped while it ran was
   * given back: its failure takes that again. So whoever has the frame next knows how often it failed.
   */
  function countAgain(batch: readonly Frame[]): void {
    const again = batch.filter((frame) => !frame.isEnded && !(frame.isSuspect && inHand.has(frame)));
    void attempts.count(again);
  }

  return {
    ready(frame) {
      frame.readyAt = clock.now();
      if (frame.isEnded) return;
      enqueue(frame);
      wake();
    },
    sent(frame) {
      if (!untilSent.delete(frame) || !isWanted(frame)) return;
      enqueue(frame);
      wake();
    },
    wake,
    stop() {
      isStopped = true;
      sweep.stop();
      cancelHandOver?.();
    },
  };
}
