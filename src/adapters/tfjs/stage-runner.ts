// StageRunner on tfjs in a worker thread: this thread never runs a kernel.
// Life: new ── start ──▶ starting ── ready ──▶ running ── stop ──▶ stopped (from any state, for good)
//       running ── thread ends ──▶ its runs reject as engine-crashed, a new thread starts with the next generation ──▶ running;
//       runs asked meanwhile wait for it; where it ends too before it is ready, they reject as engine-restarted. More than `maxRestarts` ends
//       without a run in between, or `MAX_VAIN_STARTS` threads in a row that do not get ready ──▶ stopped.
//       running ── the thread says that it is spent, and ends ──▶ as above, but no crash: what it has not answered was never begun
//       running ── no answer within the limit of the run whose turn it is ──▶ the thread is ended, on as above; one that hangs in
//       native code cannot be ended ──▶ stopped, as engine-hung (two native threads in a process would be one too many).
// A thread that cannot start at first (bad bundle, absent backend) rejects `start` and is not started again.
import type { Worker } from 'node:worker_threads';
import { AnytimeError, messageOf } from '../../errors.ts';
import type { ActivationHandle, Clock, EngineStatus, StageInput, StageOutput, StageRunner } from '../../ports.ts';
import { after as startTimer } from '../../timer.ts';
import { HangWatch } from './hang-watch.ts';
import { HeldAccount } from './held-account.ts';
import { packRun } from './pack-run.ts';
import type { FromThread, StageTiming, ThreadOptions, ThreadStatus, ToThread } from './protocol.ts';
import { spawnStageThread } from './spawn-thread.ts';
import { TENSOR_NUMBER_LIMITS } from './tensor-numbers.ts';
import { unpackRun } from './unpack-run.ts';
import { type PromiseWithResolversOf, withResolvers } from './with-resolvers.ts';

export interface StageRunnerOptions extends Partial<Omit<ThreadOptions, 'bundleFolder'>> {
  readonly bundleFolder: string;
  /** Thread ends in a row, without a finished run in between and within the window, that are answered with a new thread. */
  readonly maxRestarts?: number;
  /** Ends that lie back further are forgotten, ms. */
  readonly restartWindowMs?: number;
  /** A thread that is not ready after this is taken as hung, ms: loading and warming up a large bundle takes its time. */
  readonly startWithinMs?: number;
  /** A thread that has not stopped by itself after this is ended, ms. */
  readonly stopWithinMs?: number;
  readonly spawn?: (options: ThreadOptions) => Worker;
  readonly clock?: Clock;
}

interface PendingRun {
  readonly stage: number;
  readonly handles: readonly ActivationHandle[];
  readonly newHandles: readonly ActivationHandle[];
  /** From when its turn came; null = as long as it likes. */
  readonly limitMs: number | null;
  resolve(run: { outputs: readonly StageOutput[]; computeMs: number }): void;
  reject(error: AnytimeError): void;
}

/** However long they took: each may hang for `startWithinMs`, so that the window of `restartWindowMs` would forget them. */
const MAX_VAIN_STARTS = 5;

const DEFAULTS = {
  backend: 'auto',
  batchSizes: [1, 2, 4, 8, 16, 32],
  timedRuns: 3,
  warmUpMs: 2000,
  nativeSettings: {},
  tensorNumbers: TENSOR_NUMBER_LIMITS,
} as const;

/** The system clock is another adapter's. */
const CLOCK: Clock = { now: () => Date.now(), after: startTimer };

const IDLE: ThreadStatus = { backend: 'cpu', description: 'not started', busyMs: 0, tensors: 0 };

/** A stage runner for the bundle in a folder. Further runs may be asked while one is under way: they wait in the thread. */
export function createStageRunner(options: StageRunnerOptions): StageRunner {
  const {
    maxRestarts = 10,
    restartWindowMs = 300_000,
    startWithinMs = 120_000,
    stopWithinMs = 5000, // on a busy machine the native library takes seconds to go
    ...rest
  } = options;
  const { spawn = spawnStageThread, clock = CLOCK, ...given } = rest;
  const threadOptions: ThreadOptions = { ...DEFAULTS, ...given };
  const pending = new Map<number, PendingRun>();
  let state: 'new' | 'starting' | 'running' | 'stopped' = 'new';
  let thread: Worker | null = null;
  let ready: PromiseWithResolversOf<readonly StageTiming[]> | null = null;
  let lastWords: unknown = null; // what the thread threw before it ended
  let pixelBytes = 0;
  let held = new HeldAccount([]);
  let threadStatus = IDLE;
  let generation = 1;
  let oldestHandle = 1; // handles below it belong to earlier generations
  let nextHandle = 1;
  let nextRun = 1;
  let isReady = false; // the present thread has said so
  let isSpent = false; // the same
  let vainStarts = 0; // in a row, of later threads
  let crashes: readonly number[] = []; // in a row, epoch ms
  let gaveUp = stopped('it was told to stop'); // what runs hear once it is stopped
  let busyMsBefore = 0; // of earlier threads, less the warm-up of this one
  let stopping: Promise<void> | null = null;
  const after: Clock['after'] = (ms, then) => clock.after(ms, then);
  const watch = new HangWatch(after, hung);

  function startThread(settings: ThreadOptions): void {
    const started = spawn(settings);
    thread = started;
    lastWords = null;
    isReady = false;
    isSpent = false;
    watch.expect(startWithinMs);
    started.on('message', (message: FromThread) => heard(message));
    started.on('error', (error) => {
      lastWords = error;
    });
    started.on('exit', (code) => {
      if (thread === started) ended(lastWords ?? new Error(`it ended with exit code ${code}`));
    });
  }

  function heard(message: FromThread): void {
    if (message.type === 'not-started') {
      refused(new AnytimeError(message.code, message.message));
      return;
    }
    if (message.type === 'spent') {
      isSpent = true;
      lastWords = new Error(message.message);
      watch.expect(stopWithinMs);
      return;
    }
    threadStatus = message.status;
    if (message.type === 'ready') {
      isReady = true;
      vainStarts = 0;
      expectNext();
      busyMsBefore -= message.status.busyMs;
      if (state !== 'starting') return; // a later thread of the same bundle
      state = 'running';
      pixelBytes = message.pixelBytes;
      held = new HeldAccount(message.heldBytesAt);
      ready?.resolve(message.timings);
      return;
    }
    if (message.type === 'ran') crashes = [];
    const run = pending.get(message.id);
    pending.delete(message.id);
    expectNext();
    if (run !== undefined) answered(run, message);
  }

  function answered(run: PendingRun, message: FromThread & { type: 'ran' | 'failed' }): void {
    if (message.type === 'failed') {
      for (const handle of run.newHandles) held.release(handle);
      run.reject(new AnytimeError(message.code, message.message));
      return;
    }
    for (const handle of run.handles) held.ran(handle, run.stage);
    run.resolve({ outputs: unpackRun(run.handles, message.scores), computeMs: message.computeMs });
  }

  /** The thread says that it cannot start. At first that is the caller's to hear; later it counts as a crash. */
  function refused(error: AnytimeError): void {
    lastWords = error;
    if (state !== 'starting') return; // its exit follows
    state = 'stopped';
    void thread?.terminate();
    thread = null;
    ready?.reject(error);
  }

  /** The thread takes runs in the order they were asked: the oldest has its turn. */
  function expectNext(): void {
    const [oldest] = pending.values();
    if (isReady && !isSpent) watch.expect(oldest?.limitMs ?? null);
  }

  function hung(limitMs: number): void {
    const hanging = thread;
    if (hanging === null) return;
    lastWords = new AnytimeError('engine-crashed', `no answer within ${Math.round(limitMs)} ms`);
    void hanging.terminate();
    after(stopWithinMs, () => {
      if (thread === hanging) ended(lastWords, true);
    });
  }

  /** `isStuck`: it has not ended, and never may. */
  function ended(cause: unknown, isStuck = false): void {
    const wasStarting = state === 'starting';
    const code = isReady && !isSpent ? 'engine-crashed' : 'engine-restarted'; // another thread has begun none of the runs
    if (!isReady) vainStarts += 1;
    thread = null;
    watch.expect(null);
    busyMsBefore += threadStatus.busyMs;
    threadStatus = { ...threadStatus, busyMs: 0, tensors: 0 };
    held.clear();
    const message = `The stage thread ended ${isSpent ? 'as it should' : 'unexpectedly'}: ${messageOf(cause)}`;
    if (!isSpent) crashes = [...crashes.filter((at) => at > clock.now() - restartWindowMs), clock.now()];
    const lost = new AnytimeError(code, message, { retriable: true, cause });
    const isUsedUp = crashes.length > maxRestarts || vainStarts >= MAX_VAIN_STARTS;
    if (state === 'stopped' || wasStarting || isStuck || isUsedUp) {
      const crashed = wasStarting ? new AnytimeError('engine-crashed', message, { cause }) : lost;
      const error = isStuck ? stuck(cause) : state === 'stopped' ? gaveUp : crashed;
      if (state !== 'stopped') gaveUp = stopped(`${message} (${crashes.length} times in a row)`, cause);
      state = 'stopped';
      ready?.reject(error);
      rejectPending(error);
      return;
    }
    generation += 1;
    oldestHandle = nextHandle;
    // Frames wait: only the smallest batch is run before them. What runs take is known from the first thread.
    startThread({ ...threadOptions, batchSizes: threadOptions.batchSizes.slice(0, 1), timedRuns: 0 });
    rejectPending(lost);
  }

  function rejectPending(error: AnytimeError): void {
    const runs = [...pending.values()];
    pending.clear();
    for (const run of runs) run.reject(error);
  }

  function post(message: ToThread, transfer: readonly ArrayBuffer[] = []): void {
    thread?.postMessage(message, transfer);
  }

  return {
    start() {
      if (state === 'stopped') return Promise.reject(gaveUp);
      if (ready === null) {
        ready = withResolvers();
        state = 'starting';
        startThread(threadOptions);
      }
      return ready.promise;
    },

    runStage(stage: number, frames: readonly StageInput[], limitMs?: number) {
      if (state !== 'running')
        return Promise.reject(state === 'stopped' ? gaveUp : stopped('expected start to have resolved'));
      if (frames.some(({ handle }) => handle !== null && handle < oldestHandle)) return Promise.reject(goneBefore());
      return new Promise((resolve, reject) => {
        const id = nextRun++;
        const handles = frames.map(({ handle }) => handle ?? nextHandle++);
        const message = packRun({ id, stage, handles, frames, pixelBytes });
        const newHandles = handles.filter((_, index) => message.isNew[index]);
        for (const handle of newHandles) held.begin(handle);
        pending.set(id, { stage, handles, newHandles, limitMs: limitMs ?? null, resolve, reject });
        if (pending.size === 1) expectNext();
        post(message, [message.pixels.buffer]);
      });
    },

    release(handles) {
      const present = handles.filter((handle) => handle >= oldestHandle);
      for (const handle of present) held.release(handle);
      if (present.length > 0) post({ type: 'release', handles: present });
    },

    status(): EngineStatus {
      const busyMs = busyMsBefore + threadStatus.busyMs;
      return { ...threadStatus, busyMs, heldActivations: held.handles, heldBytes: held.bytes, generation };
    },

    stop() {
      stopping ??= end();
      return stopping;
    },
  };

  async function end(): Promise<void> {
    state = 'stopped';
    watch.expect(null);
    const last = thread;
    if (last === null) return;
    await new Promise<void>((resolve, reject) => {
      const cancels = [
        after(stopWithinMs, () => void last.terminate()),
        after(2 * stopWithinMs, () => {
          const cause = new Error('it was told to stop');
          if (thread === last) ended(cause, true);
          reject(stuck(cause));
        }),
      ];
      last.once('exit', () => {
        for (const cancel of cancels) cancel();
        resolve();
      });
      post({ type: 'stop' });
    });
  }
}

function goneBefore(): AnytimeError {
  const message = 'These activations went with an earlier stage thread';
  return new AnytimeError('engine-restarted', message, { retriable: true });
}

function stuck(cause: unknown): AnytimeError {
  const message = `The stage thread hangs in native code and cannot be ended: ${messageOf(cause)}`;
  return new AnytimeError('engine-hung', message, { cause });
}

function stopped(why: string, cause?: unknown): AnytimeError {
  return new AnytimeError('stopped', `The stage runner does not run: ${why}`, { cause });
}
