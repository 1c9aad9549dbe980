// A stage runner without a network: scripted scores, a stated cost per stage on a given clock, crashes on request.
import { AnytimeError } from '../../src/errors.ts';
import type { ActivationHandle, Clock, EngineStatus, Pixels, StageInput, StageRunner } from '../../src/ports.ts';

export interface FakeStageRunnerOptions {
  readonly clock: Clock;
  readonly stages: number;
  /** Softmax over the classes of the exit after `stage`, for the frame with these pixels. */
  readonly scores: (pixels: Pixels, stage: number) => Float32Array;
  /** How long a batch takes on the clock, ms. */
  readonly costMs?: (stage: number, batch: number) => number;
  readonly bytesPerFrame?: number;
}

type Run = Awaited<ReturnType<StageRunner['runStage']>>;

/** Deterministic: a run ends when the clock says so, costs nothing else, and fails only when told to. */
export class FakeStageRunner implements StageRunner {
  /** Every run asked for, in order. */
  readonly runs: { stage: number; batch: number }[] = [];
  readonly #options: Required<FakeStageRunnerOptions>;
  readonly #held = new Map<ActivationHandle, { stage: number; pixels: Pixels }>();
  #state: 'new' | 'running' | 'stopped' = 'new';
  #generation = 1;
  #nextHandle = 1;
  #oldestHandle = 1;
  #busyMs = 0;
  /** As in a stage thread: what is released while it runs is gone after the run. */
  readonly #released = new Set<ActivationHandle>();
  #nextFailure: 'engine-crashed' | 'engine-failed' | 'hang' | null = null;
  #pending: { reject(error: AnytimeError): void; cancel(): void } | null = null;
  /** Runs go one after another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: FakeStageRunnerOptions) {
    this.#options = { costMs: () => 1, bytesPerFrame: 1000, ...options };
  }

  /** The next run, or the one under way, ends in a crash: it and every handle are gone, the runner starts again by itself. */
  crash(): void {
    if (this.#pending === null) {
      this.#nextFailure = 'engine-crashed';
      return;
    }
    const { reject, cancel } = this.#pending;
    cancel();
    this.#pending = null;
    reject(this.#crashed());
  }

  /** The next run fails, the runner lives. */
  failNext(): void {
    this.#nextFailure = 'engine-failed';
  }

  /** The next run never ends by itself: at its limit the thread is ended. */
  hangNext(): void {
    this.#nextFailure = 'hang';
  }

  /** As after too many crashes: what runs is lost by one, and no more is taken. */
  giveUp(): void {
    this.#state = 'stopped';
    this.#pending?.cancel();
    this.#pending?.reject(this.#crashed());
    this.#pending = null;
  }

  async start(): Promise<readonly { stage: number; batch: number; ms: number }[]> {
    if (this.#state === 'stopped') throw stopped();
    this.#state = 'running';
    const stages = Array.from({ length: this.#options.stages }, (_, s) => s + 1);
    return stages.flatMap((stage) =>
      [1, 2, 4, 8].map((batch) => ({ stage, batch, ms: this.#options.costMs(stage, batch) })),
    );
  }

  async runStage(stage: number, frames: readonly StageInput[], limitMs?: number): Promise<Run> {
    if (this.#state !== 'running') throw stopped();
    this.runs.push({ stage, batch: frames.length });
    const run = this.#last.then(() => this.#run(stage, frames, limitMs));
    this.#last = run.catch(() => {});
    return await run;
  }

  async #run(stage: number, frames: readonly StageInput[], limitMs = Number.POSITIVE_INFINITY): Promise<Run> {
    if (this.#state !== 'running') throw stopped();
    const inputs = frames.map((frame, index) => this.#lookUp(stage, frame, index));
    const failure = this.#nextFailure;
    this.#nextFailure = null;
    if (failure === 'engine-crashed') throw this.#crashed();
    if (failure === 'engine-failed') throw new AnytimeError('engine-failed', 'The fake was told to fail');
    const computeMs = failure === 'hang' ? Number.POSITIVE_INFINITY : this.#options.costMs(stage, frames.length);
    await this.#wait(Math.min(computeMs, limitMs));
    if (computeMs > limitMs) throw this.#crashed();
    this.#busyMs += computeMs;
    const outputs = inputs.map(({ handle, pixels }) => {
      const given = handle ?? this.#nextHandle++;
      if (!this.#released.has(given)) this.#held.set(given, { stage, pixels });
      return { handle: given, scores: this.#options.scores(pixels, stage) };
    });
    return { outputs, computeMs };
  }

  #lookUp(stage: number, { handle, pixels }: StageInput, index: number) {
    if (handle !== null && handle < this.#oldestHandle)
      throw new AnytimeError('engine-restarted', 'These activations went with a crash', { retriable: true });
    if (stage < 1 || stage > this.#options.stages)
      throw new AnytimeError('engine-failed', `Expected a stage from 1 to ${this.#options.stages}, got ${stage}`);
    const held = handle === null ? { stage: 0, pixels } : this.#held.get(handle);
    if (held?.pixels == null || held.stage !== stage - 1)
      throw new AnytimeError(
        handle === null ? 'bad-argument' : 'engine-failed',
        `Frame ${index}: expected activations of stage ${stage - 1}, got those of ${held?.stage ?? 'none'}`,
      );
    return { handle, pixels: held.pixels };
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#options.clock.after(ms, () => {
        this.#pending = null;
        resolve();
      });
      this.#pending = { reject, cancel };
    });
  }

  #crashed(): AnytimeError {
    this.#generation += 1;
    this.#oldestHandle = this.#nextHandle;
    this.#held.clear();
    return new AnytimeError('engine-crashed', 'The fake was told to crash', { retriable: true });
  }

  release(handles: readonly ActivationHandle[]): void {
    for (const handle of handles) {
      this.#released.add(handle);
      this.#held.delete(handle);
    }
  }

  status(): EngineStatus {
    return {
      backend: 'cpu',
      description: 'fake',
      generation: this.#generation,
      busyMs: this.#busyMs,
      heldActivations: this.#held.size,
      heldBytes: this.#held.size * this.#options.bytesPerFrame,
      tensors: this.#held.size,
    };
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#pending?.cancel();
    this.#pending?.reject(stopped());
    this.#pending = null;
  }
}

function stopped(): AnytimeError {
  return new AnytimeError('stopped', 'The fake stage runner does not run');
}
