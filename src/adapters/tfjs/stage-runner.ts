// StageRunner on tfjs in a worker thread: this thread never runs a kernel.
// Life: new ── start ──▶ starting ── ready ──▶ running ── stop ──▶ stopped (from any state, for good)
//       running ── thread ends ──▶ its runs reject as engine-crashed, a new thread starts with the next generation ──▶ running;
//       runs asked meanwhile wait for it. More than `maxRestarts` ends without a run in between ──▶ stopped.
// A thread that cannot start at first (bad bundle, absent backend) rejects `start` and is not started again.
import type { Worker } from 'node:worker_threads';
import { AnytimeError, messageOf } from '../../errors.ts';
import type { ActivationHandle, EngineStatus, StageInput, StageOutput, StageRunner } from '../../ports.ts';
import { HeldAccount } from './held-account.ts';
import { packRun } from './pack-run.ts';
import type { FromThread, StageTiming, ThreadOptions, ThreadStatus, ToThread } from './protocol.ts';
import { spawnStageThread } from './spawn-thread.ts';

export interface StageRunnerOptions extends Partial<Omit<ThreadOptions, 'bundleFolder'>> {
  readonly bundleFolder: string;
  /** Thread ends in a row, without a finished run in between, that are answered with a new thread. */
  readonly maxRestarts?: number;
  /** A thread that has not stopped by itself after this is ended, ms. */
  readonly stopWithinMs?: number;
  readonly spawn?: (options: ThreadOptions) => Worker;
}

interface PendingRun {
  readonly stage: number;
  readonly handles: readonly ActivationHandle[];
  readonly newHandles: readonly ActivationHandle[];
  resolve(run: { outputs: readonly StageOutput[]; computeMs: number }): void;
  reject(error: AnytimeError): void;
}

const DEFAULTS = {
  backend: 'auto',
  batchSizes: [1, 2, 4, 8, 16, 32],
  timedRuns: 3,
  warmUpMs: 2000,
  nativeSettings: {},
} as const;

const IDLE: ThreadStatus = { backend: 'cpu', description: 'not started', busyMs: 0, tensors: 0 };

/** A stage runner for the bundle in a folder. Further runs may be asked while one is under way: they wait in the thread. */
export function createStageRunner(options: StageRunnerOptions): StageRunner {
  const { maxRestarts = 3, stopWithinMs = 2000, spawn = spawnStageThread, ...given } = options;
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
  let crashesInARow = 0;
  let busyMsBefore = 0; // of earlier threads, less the warm-up of this one
  let stopping: Promise<void> | null = null;

  function startThread(settings: ThreadOptions): void {
    const started = spawn(settings);
    thread = started;
    lastWords = null;
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
    threadStatus = message.status;
    if (message.type === 'ready') {
      busyMsBefore -= message.status.busyMs;
      if (state !== 'starting') return; // a later thread of the same bundle
      state = 'running';
      pixelBytes = message.pixelBytes;
      held = new HeldAccount(message.heldBytesAt);
      ready?.resolve(message.timings);
      return;
    }
    if (message.type === 'ran') crashesInARow = 0;
    const run = pending.get(message.id);
    pending.delete(message.id);
    if (run !== undefined) answered(run, message);
  }

  function answered(run: PendingRun, message: FromThread & { type: 'ran' | 'failed' }): void {
    if (message.type === 'failed') {
      for (const handle of run.newHandles) held.release(handle);
      run.reject(new AnytimeError(message.code, message.message));
      return;
    }
    for (const handle of run.handles) held.ran(handle, run.stage);
    run.resolve({ outputs: outputsOf(run.handles, message.scores), computeMs: message.computeMs });
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

  function ended(cause: unknown): void {
    const wasStarting = state === 'starting';
    thread = null;
    busyMsBefore += threadStatus.busyMs;
    threadStatus = { ...threadStatus, busyMs: 0, tensors: 0 };
    held.clear();
    const message = `The stage thread ended unexpectedly: ${messageOf(cause)}`;
    if (state === 'stopped' || wasStarting || ++crashesInARow > maxRestarts) {
      const error = wasStarting
        ? new AnytimeError('engine-crashed', message, { cause })
        : stopped(state === 'stopped' ? 'it was told to stop' : `${message} (${crashesInARow} times in a row)`, cause);
      state = 'stopped';
      ready?.reject(error);
      rejectPending(error);
      return;
    }
    generation += 1;
    oldestHandle = nextHandle;
    startThread({ ...threadOptions, timedRuns: 0 });
    rejectPending(new AnytimeError('engine-crashed', message, { retriable: true, cause }));
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
      if (state === 'stopped') return Promise.reject(stopped('it was told to stop'));
      if (ready === null) {
        ready = withResolvers();
        state = 'starting';
        startThread(threadOptions);
      }
      return ready.promise;
    },

    runStage(stage: number, frames: readonly StageInput[]) {
      if (state !== 'running')
        return Promise.reject(stopped(state === 'stopped' ? 'it has stopped' : 'expected start to have resolved'));
      if (frames.some(({ handle }) => handle !== null && handle < oldestHandle))
        return Promise.reject(
          new AnytimeError('engine-crashed', 'These activations went with an earlier stage thread', {
            retriable: true,
          }),
        );
      return new Promise((resolve, reject) => {
        const id = nextRun++;
        const handles = frames.map(({ handle }) => handle ?? nextHandle++);
        const message = packRun({ id, stage, handles, frames, pixelBytes });
        const newHandles = handles.filter((_, index) => message.isNew[index]);
        for (const handle of newHandles) held.begin(handle);
        pending.set(id, { stage, handles, newHandles, resolve, reject });
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
    const last = thread;
    if (last === null) return;
    const exit = new Promise<void>((resolve) => last.once('exit', () => resolve()));
    post({ type: 'stop' });
    const timer = setTimeout(() => void last.terminate(), stopWithinMs);
    await exit;
    clearTimeout(timer);
  }
}

/** One output per frame; each frame's scores are its row of the batch. */
function outputsOf(handles: readonly ActivationHandle[], scores: Float32Array): StageOutput[] {
  const classes = scores.length / handles.length;
  return handles.map((handle, row) => ({ handle, scores: scores.subarray(row * classes, (row + 1) * classes) }));
}

function stopped(why: string, cause?: unknown): AnytimeError {
  return new AnytimeError('stopped', `The stage runner does not run: ${why}`, { cause });
}

interface PromiseWithResolversOf<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers<T>(): PromiseWithResolversOf<T> {
  let resolvers: Pick<PromiseWithResolversOf<T>, 'resolve' | 'reject'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    resolvers = { resolve, reject };
  });
  return { promise, ...(resolvers as Pick<PromiseWithResolversOf<T>, 'resolve' | 'reject'>) };
}
