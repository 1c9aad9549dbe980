// The stage thread of the chaos program: workers/stage-thread.ts, but that some frames crash it, hang it or end its process. The
// product's own thread has no such code.
import { execFileSync } from 'node:child_process';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { lowerThreadPriority } from '../../adapters/tfjs/lower-priority.ts';
import type { ThreadOptions, ToThread } from '../../adapters/tfjs/protocol.ts';
import { serveStages } from '../../adapters/tfjs/serve-stages.ts';
import { AnytimeError } from '../../errors.ts';
import { orderIn } from './fault-pixels.ts';

if (parentPort === null)
  throw new AnytimeError('bad-argument', 'Expected to be started as a worker thread, got started as a program');
lowerThreadPriority();
await serveStages(obeying(parentPort), workerData as ThreadOptions, (error) => {
  throw error;
});

/** The port, with every message looked at first. */
function obeying(port: MessagePort): MessagePort {
  const listening = {
    on(event: 'message', listener: (message: ToThread) => void) {
      port.on(event, (message: ToThread) => {
        if (message.type === 'run') obey(message);
        listener(message);
      });
    },
    postMessage: port.postMessage.bind(port),
    close: port.close.bind(port),
  };
  return listening as unknown as MessagePort;
}

function obey({ isNew, pixels }: ToThread & { type: 'run' }): void {
  const fresh = isNew.filter(Boolean).length;
  const length = fresh === 0 ? 0 : pixels.length / fresh;
  for (let i = 0; i < fresh; i++) {
    const order = orderIn(pixels.subarray(i * length, (i + 1) * length));
    if (order === 'crashes-engine') throw new AnytimeError('engine-failed', 'This frame crashes the engine');
    if (order === 'kills-worker') process.kill(process.pid, 'SIGKILL');
    if (order === 'hangs-engine') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    if (order === 'hangs-natively') execFileSync('sleep', ['100'], { stdio: 'ignore' });
  }
}
