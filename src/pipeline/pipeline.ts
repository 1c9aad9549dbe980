// The way of a frame, on one page.
//
//   records ─▶ intake ─▶ decode ─▶ ready queue ─▶ run stage s on a batch ─▶ refine or exit ─▶ record, publish ─▶ settle ─▶ commit
//                                       ▲──────────────── refine ─────────────────┘
//
// Intake takes what can be held, refuses what does not parse, ends what is too late, decodes the rest (intake.ts). The stage loop
// runs one stage batch after another and decides for each answer: refine or exit (stage-loop.ts asks core/scheduler and
// core/exit-policy); a frame to refine is queued again at once. Every answer is recorded, then published (publisher.ts); an acknowledged end settles the frame's offset, and
// settled offsets are committed (settler.ts). Load is told, and the depth limit read, beside all that (steer.ts).
import { Credits } from '../core/credits.ts';
import type { Frame } from '../core/frame.ts';
import type { FrameRecord } from '../core/frame-record.ts';
import { LatencyModel } from '../core/latency-model.ts';
import { ReadyQueue } from '../core/ready-queue.ts';
import { RecentTimes } from '../core/recent-times.ts';
import type { ExitReason } from '../core/result.ts';
import { messageOf } from '../errors.ts';
import { createAdvisory } from './advisory.ts';
import { createAttempts } from './attempts.ts';
import type { PipelineContext, PipelineSettings, Ports } from './context.ts';
import { Decoding } from './decoding.ts';
import { createIntake } from './intake.ts';
import { Partitions } from './partitions.ts';
import { createPublisher } from './publisher.ts';
import { retryAtStart } from './retry.ts';
import { createSettler } from './settler.ts';
import { createStageLoop } from './stage-loop.ts';
import { createSteering } from './steer.ts';

export interface Pipeline {
  /** Warm the engine up, connect, take frames. */
  start(): Promise<void>;
  /** Take no more, finish what is admitted within the grace time, publish best answers as final, commit, leave. Idempotent. */
  drain(graceMs: number): Promise<void>;
  /** Stop at the next stage boundary: nothing more is published, unsettled frames stay uncommitted. */
  abort(): Promise<void>;
  /** Rejects when the pipeline cannot go on (source, sink or engine gave up); otherwise never settles. */
  readonly broken: Promise<never>;
  readonly heldFrames: number;
}

export async function createPipeline(ports: Ports, settings: PipelineSettings): Promise<Pipeline> {
  const { clock, events, source, sink, budgets, depths, runner } = ports;
  const budgetAdvice = createAdvisory('budget-store', clock, events);
  const publishTimes = new RecentTimes();
  const warmUp = await runner.start();
  const context: PipelineContext = {
    ...ports,
    settings,
    queue: new ReadyQueue(settings.table),
    latency: new LatencyModel(settings.table.stages, warmUp, clock.now()),
    credits: new Credits(settings.credits),
    decoding: new Decoding(clock),
    partitions: new Partitions(settings.maxOffsetMapBytes),
    inHand: new Set(),
    budgetAdvice,
    attempts: createAttempts(budgets, budgetAdvice, settings.frameTtlMs),
    depthAdvice: createAdvisory('depth-store', clock, events),
    depthLimit: null,
    publishMs: () => publishTimes.p95At(clock.now()),
    publishTimes,
    deadlineSeenAt: Number.NEGATIVE_INFINITY,
    unsentBytes: 0,
    phase: 'starting',
  };
  const { credits, inHand, partitions, queue } = context;
  let hasFailed = false;
  let fail: (error: Error) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    fail = (error) => {
      if (context.phase === 'stopped' || hasFailed) return; // stopping cut it off, or one thing led to another
      hasFailed = true;
      events.emit({ type: 'failed', reason: messageOf(error) });
      reject(error);
    };
  });
  broken.catch(() => {}); // told by the event; whoever awaits it sees it too
  let isPaused = false;

  // Take in …
  const intake = createIntake(context, {
    ready: (frame) => stages.ready(frame),
    tooLate: (frame) => end(frame, frame.answer === null ? 'expired' : 'deadline'),
    refuse,
    alreadyFinal: (frame) => {
      events.emit({ type: 'skipped', id: frame.spec.id, why: 'already-final' });
      settler.settle(frame);
    },
    finalAgain: end,
    failed: fail,
    skipped: () => settler.commitSoon(),
    decoded: () => stages.wake(),
  });

  // … run, stage by stage, refining or ending each frame …
  const stages = createStageLoop(context, {
    answered: (frame, exit, cost) => {
      frame.isEnded = exit !== null;
      send(frame, exit, cost);
      if (exit !== null) releaseActivations(frame);
    },
    ended: end,
    refuse,
    ran: () => intake.wake(),
    failed: fail,
  });

  // … record and publish, settle and commit.
  const publisher = createPublisher(context, {
    sent: (frame) => stages.sent(frame),
    settled: (frame) => settler.settle(frame),
    room: () => stages.wake(),
    failed: fail,
  });
  const settler = createSettler(context, { roomAgain: resumeWhenRoom, failed: fail });
  const steering = createSteering(context, { limitChanged: () => stages.wake() });

  /** The frame ends with the answer it has, repeated as final, or with none. */
  function end(frame: Frame, exit: ExitReason): void {
    if (frame.isEnded) return;
    frame.isEnded = true;
    releaseActivations(frame);
    send(frame, exit, 0);
    intake.wake();
  }

  /**
   * The first answer goes to the coarse topic, whatever its stage. That of an attempt is the first unless an earlier one is known
   * to be acknowledged: what was only recorded may never have gone out, and whoever reads first answers must see each frame.
   */
  function send(frame: Frame, exit: ExitReason | null, cost: number): void {
    const { answer, spent } = frame;
    const isFirst = answer !== null && frame.sentStage === 0;
    frame.sentStage = Math.max(frame.sentStage, answer?.stage ?? 0);
    publisher.publish({ frame, answer, isFirst, exit, spent, cost });
  }

  /** A dead letter with the reason, and a final record that says `rejected` to whoever waits for this frame; neither beside another end. */
  function refuse(frame: Frame, step: string, reason: Error): void {
    if (frame.isEnded) return;
    publisher.deadLetter({ frame, record: frame.record, step, reason });
    end(frame, 'rejected');
  }

  function releaseActivations(frame: Frame): void {
    if (frame.handle !== null) runner.release([frame.handle]);
    frame.handle = null;
    frame.pixels = null;
    frame.combined = null;
  }

  function takeIn(records: readonly FrameRecord[]): void {
    if (context.phase !== 'running') return;
    steering.arrived(intake.takeIn(records));
    if (isPaused || !credits.isAboveHigh()) return;
    isPaused = true;
    source.pause(partitions.all());
    events.emit({ type: 'paused', heldFrames: credits.heldFrames, heldBytes: credits.heldBytes });
    stages.wake();
  }

  function resumeWhenRoom(): void {
    if (!isPaused || context.phase !== 'running' || !credits.isBelowLow()) return;
    isPaused = false;
    source.resume(partitions.all());
    events.emit({ type: 'resumed' });
  }

  async function leave(): Promise<void> {
    context.phase = 'stopped';
    stages.stop();
    settler.stop();
    steering.stop();
    settler.drop(() => true);
    await source.stop();
    await sink.stop();
    await settler.givenBack();
    await Promise.all([budgets.stop(), depths.stop(), runner.stop()]);
  }

  /** Finish what is admitted, as far as the grace time goes, and commit it. */
  async function finish(graceMs: number): Promise<void> {
    context.phase = 'draining';
    source.pause(partitions.all());
    await withinMs(settler.allSettled(), graceMs);
    // Out of grace: answers at hand become final; frames without one stay uncommitted, another worker takes them.
    queue.remove(({ answer }) => answer !== null); // before one of them ends, which may let the next run
    for (const frame of inHand) if (frame.answer !== null) end(frame, 'load');
    settler.drop((frame) => !frame.isEnded);
    await withinMs(publisher.idle(), Math.max(1000, graceMs / 4));
    publisher.giveUp();
    await withinMs(settler.commit(), Math.max(1000, graceMs / 4));
  }

  let leaving: Promise<void> | null = null;
  const isLeaving = () => leaving !== null;
  let cutShort = () => {};
  const aborted = new Promise<void>((resolve) => {
    cutShort = resolve;
  });
  return {
    broken,
    get heldFrames() {
      return inHand.size;
    },
    async start() {
      const { description } = runner.status();
      try {
        await Promise.all([budgets.start(), depths.start(), startSink()]);
        if (!isLeaving()) await takeFrames();
      } catch (error) {
        if (!isLeaving()) throw error;
      }
      if (leaving !== null) return await leaving; // told to stop meanwhile
      steering.start();
      events.emit({ type: 'started', engine: description, model: settings.model });
    },
    drain(graceMs) {
      leaving ??= (async () => {
        const since = clock.now();
        try {
          await finish(graceMs);
        } finally {
          await leave();
        }
        events.emit({ type: 'drained', inMs: clock.now() - since });
      })();
      return leaving;
    },
    abort() {
      leaving ??= leave();
      publisher.giveUp();
      cutShort();
      return leaving;
    },
  };

  /** A broker that is away while the worker starts is waited for, as long as the source waits for it later. */
  async function startSink(): Promise<void> {
    await retryAtStart('connect the producer', () => sink.start(), { clock, events, isGivenUp: isLeaving });
  }

  async function takeFrames(): Promise<void> {
    context.phase = 'running';
    await source.start({
      assigned(owned) {
        for (const partition of owned) {
          const problem = partitions.assign(partition);
          const { topic, partition: number, epoch } = partition;
          events.emit({ type: 'assigned', topic, partition: number, epoch });
          if (problem !== null) events.emit({ type: 'offset-map-ignored', topic, partition: number, reason: problem });
        }
        settler.drop(({ record }) => !partitions.isCurrent(record));
        settler.commitSoon(); // what came to nothing on its way, under the epoch before
        if (isPaused || context.phase !== 'running') source.pause(owned); // an assignment begins unpaused
        resumeWhenRoom();
        intake.wake();
      },
      revoked(lost) {
        for (const partition of lost) {
          partitions.revoke(partition);
          events.emit({ type: 'revoked', ...partition });
        }
        settler.drop(({ record }) => !partitions.isCurrent(record));
        resumeWhenRoom();
        intake.wake();
      },
      records: takeIn,
      failed: fail,
    });
  }

  /** Wait for it, but not longer, and not after an abort. */
  function withinMs(wanted: Promise<unknown>, ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = clock.after(ms, resolve);
      Promise.race([wanted, aborted])
        .then(() => resolve(), reject)
        .finally(cancel);
    });
  }
}
