// A worker thread that is none: says what the test tells it to, ends when told to. For the life of the stage runner.
import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import type { FromThread, ToThread } from '../../src/adapters/tfjs/protocol.ts';

export class FakeStageThread extends EventEmitter {
  readonly received: ToThread[] = [];
  isTerminated = false;

  /** As the Worker that `spawn` must return. */
  get worker(): Worker {
    return this as unknown as Worker;
  }

  postMessage(message: ToThread): void {
    this.received.push(message);
  }

  async terminate(): Promise<number> {
    this.isTerminated = true;
    this.end(1);
    return 1;
  }

  say(message: FromThread): void {
    this.emit('message', message);
  }

  ready(busyMs = 0): void {
    this.say({ type: 'ready', timings: [], pixelBytes: 3, heldBytesAt: [10, 0], status: statusOf(busyMs) });
  }

  /** Answer the run received last, or the one given by its place among all runs. */
  ran(busyMs = 0, place = -1): void {
    const run = this.received.filter((message) => message.type === 'run').at(place);
    if (run === undefined) throw new Error('No run was asked');
    const scores = new Float32Array(2 * run.handles.length).fill(0.5);
    this.say({ type: 'ran', id: run.id, scores, computeMs: 1, status: statusOf(busyMs) });
  }

  end(code: number): void {
    this.emit('exit', code);
  }
}

function statusOf(busyMs: number) {
  return { backend: 'cpu' as const, description: 'fake', busyMs, tensors: 0 };
}
