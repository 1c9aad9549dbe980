// The stage thread's side of the protocol: load the bundle, open the backend, warm up, then answer one run after another.
// A run that fails is answered and the thread lives on. Kernels that fail twice in a row are a broken backend (out of memory, an
// aborted wasm module): that, like anything unforeseen, ends the thread, which the other side notices. A thread whose tensor numbers run out
// says so and ends.
import { performance } from 'node:perf_hooks';
import type { MessagePort } from 'node:worker_threads';
import { AnytimeError, messageOf } from '../../errors.ts';
import { readBundle } from '../../network/bundle.ts';
import { openBackend } from './backend.ts';
import { createEngine, type Engine, type EngineInput } from './engine.ts';
import type { FromThread, ThreadOptions, ThreadStatus, ToThread } from './protocol.ts';
import { NumbersLeft } from './tensor-numbers.ts';
import { warmUp } from './warm-up.ts';

/** Runs in a row whose kernels failed, after which the thread gives up. */
const BROKEN_AFTER = 2;

/**
 * Serve stage runs on this port until told to stop. Resolves when ready, or when the start was refused and answered so.
 * `giveUp` must end the thread.
 */
export async function serveStages(
  port: MessagePort,
  options: ThreadOptions,
  giveUp: (error: AnytimeError) => void,
): Promise<void> {
  const send = (message: FromThread) => port.postMessage(message);
  const now = () => performance.now();
  try {
    const bundle = await readBundle(options.bundleFolder);
    const backend = await openBackend(options.backend, options.nativeSettings);
    const engine = createEngine(bundle, backend, now);
    const timings = warmUp(engine, options, now);
    const { pixelBytes, heldBytesAt } = engine;
    send({ type: 'ready', timings, pixelBytes, heldBytesAt, status: statusOf(engine) });
    let kernelFailures = 0;
    const spent = (numbers: number) => {
      send({ type: 'spent', message: `it has made ${numbers} tensors` });
      port.close();
    };
    const numbers = new NumbersLeft(options.tensorNumbers, () => engine.status().heldActivations > 0, spent);
    port.on('message', (message: ToThread) => {
      if (message.type === 'stop') {
        numbers.stop();
        port.close();
      } else if (message.type === 'release') engine.release(message.handles);
      else {
        if (!numbers.sufficeForRun()) return;
        const answer = runAnswered(engine, message);
        kernelFailures = answer.type === 'failed' && answer.isKernels ? kernelFailures + 1 : 0;
        if (kernelFailures >= BROKEN_AFTER && answer.type === 'failed')
          giveUp(new AnytimeError('engine-crashed', `The backend is broken: ${answer.message}`));
        else send(answer);
      }
    });
  } catch (cause) {
    send({ type: 'not-started', ...refusal(cause) });
    port.close();
  }
}

function runAnswered(engine: Engine, message: ToThread & { type: 'run' }): FromThread & { type: 'ran' | 'failed' } {
  const { id, stage } = message;
  try {
    const { scores, computeMs } = engine.run(stage, inputsOf(message, engine.pixelBytes));
    return { type: 'ran', id, scores, computeMs, status: statusOf(engine) };
  } catch (cause) {
    return { type: 'failed', id, ...refusal(cause), isKernels: isOfKernels(cause), status: statusOf(engine) };
  }
}

/** Busy is the thread, not only its kernels: taking messages in and packing answers keeps it from the next run as well. */
function statusOf(engine: Engine): ThreadStatus {
  return { ...engine.status(), busyMs: performance.eventLoopUtilization().active };
}

/** The engine refuses wrong calls by itself; what has a cause came out of the backend. */
function isOfKernels(thrown: unknown): boolean {
  return !(thrown instanceof AnytimeError) || thrown.cause !== undefined;
}

/** The frames of a run; each new one gets its own copy of its pixels, so that it can be let go alone. */
function inputsOf({ handles, isNew, pixels }: ToThread & { type: 'run' }, pixelBytes: number): EngineInput[] {
  let at = 0;
  return handles.map((handle, index) => {
    if (!isNew[index]) return { handle, pixels: null };
    at += pixelBytes;
    return { handle, pixels: pixels.slice(at - pixelBytes, at) };
  });
}

function refusal(cause: unknown): { code: AnytimeError['code']; message: string } {
  return { code: cause instanceof AnytimeError ? cause.code : 'engine-failed', message: messageOf(cause) };
}
