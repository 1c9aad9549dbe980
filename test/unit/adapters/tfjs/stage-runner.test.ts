import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import type { ThreadOptions } from '../../../../src/adapters/tfjs/protocol.ts';
import { createStageRunner } from '../../../../src/adapters/tfjs/stage-runner.ts';
import { NetworkSchema } from '../../../../src/network/config.ts';
import { ManualClock } from '../../../fakes/manual-clock.ts';
import { FakeStageThread } from '../../../fakes/stage-thread.ts';
import { type BundleRunner, bundleRunner } from '../../../helpers/bundle-runner.ts';
import { EVERY_KIND, framePixels } from '../../../helpers/random-bundle.ts';

const FRAME = { handle: null, pixels: Uint8Array.of(1, 2, 3) };

/** A runner on fake threads; `threads` grows with each start. */
function onFakeThreads(maxRestarts = 3) {
  const threads: FakeStageThread[] = [];
  const startedWith: ThreadOptions[] = [];
  const spawn = (options: ThreadOptions) => {
    const thread = new FakeStageThread();
    threads.push(thread);
    startedWith.push(options);
    return thread.worker;
  };
  const clock = new ManualClock();
  const limits = { maxRestarts, restartWindowMs: 60_000, startWithinMs: 30_000, stopWithinMs: 100 };
  const runner = createStageRunner({ bundleFolder: 'none', spawn, clock, ...limits });
  const started = async () => {
    const ready = runner.start();
    threads[0]?.ready();
    await ready;
  };
  return { runner, threads, startedWith, clock, started, last: () => threads.at(-1) as FakeStageThread };
}

describe('a stage runner whose thread ends', () => {
  it('rejects every run under way, starts another thread, and lets new runs wait for it', async () => {
    const { runner, threads, started, last } = onFakeThreads();
    await started();
    const runs = [runner.runStage(1, [FRAME]), runner.runStage(1, [FRAME])];
    last().emit('error', new Error('out of memory'));
    last().end(1);
    for (const run of runs)
      await expect(run).rejects.toMatchObject({ code: 'engine-crashed', retriable: true, message: /out of memory/ });
    expect(threads).toHaveLength(2);
    const next = runner.runStage(1, [FRAME]);
    last().ready();
    last().ran();
    expect((await next).outputs).toHaveLength(1);
  });

  it('warms the next one up with the smallest batch alone, untimed: frames wait for it', async () => {
    const { startedWith, started, last } = onFakeThreads();
    await started();
    last().end(1);
    const [first, second] = startedWith;
    expect(first?.batchSizes.length).toBeGreaterThan(2);
    expect(first?.timedRuns).toBeGreaterThan(0);
    expect(second).toEqual({ ...first, batchSizes: [1], timedRuns: 0 });
  });

  it('gives up after too many ends without a run between them', async () => {
    const { runner, threads, started, last } = onFakeThreads(2);
    await started();
    for (let crash = 1; crash <= 2; crash++) last().end(1);
    expect(threads).toHaveLength(3);
    const run = runner.runStage(1, [FRAME]);
    last().end(7);
    expect(threads).toHaveLength(3);
    await expect(run).rejects.toMatchObject({ code: 'engine-restarted', message: /exit code 7/ });
    const next = runner.runStage(1, [FRAME]);
    await expect(next).rejects.toMatchObject({ code: 'stopped', message: /exit code 7.*3 times in a row/ });
  });

  it('says which runs were never begun: those that wait for a thread that ends before it is ready, not those of one that was', async () => {
    const { runner, started, last } = onFakeThreads(1);
    await started();
    const begun = runner.runStage(1, [FRAME]);
    last().end(1);
    await expect(begun).rejects.toMatchObject({ code: 'engine-crashed', retriable: true });
    const waiting = runner.runStage(1, [FRAME]);
    last().end(1);
    await expect(waiting).rejects.toMatchObject({ code: 'engine-restarted', retriable: true });
    const other = onFakeThreads(0);
    await other.started();
    const last1 = other.runner.runStage(1, [FRAME]);
    other.last().end(1);
    await expect(last1).rejects.toMatchObject({ code: 'engine-crashed' });
    await expect(other.runner.runStage(1, [FRAME])).rejects.toMatchObject({
      code: 'stopped',
      message: /1 times in a row/,
    });
  });

  it('counts again from nothing after a run', async () => {
    const { runner, threads, started, last } = onFakeThreads(1);
    await started();
    for (let crash = 1; crash <= 3; crash++) {
      last().end(1);
      last().ready();
      const run = runner.runStage(1, [FRAME]);
      last().ran();
      await run;
    }
    expect(threads).toHaveLength(4);
  });

  it('forgets ends that lie back further than its window', async () => {
    const { runner, threads, clock, started, last } = onFakeThreads(1);
    await started();
    for (let crash = 1; crash <= 4; crash++) {
      last().end(1);
      last().ready();
      clock.advance(60_001);
    }
    expect(threads).toHaveLength(5);
    last().end(1);
    last().end(1);
    await expect(runner.runStage(1, [FRAME])).rejects.toMatchObject({ code: 'stopped' });
  });

  it('gives up after five threads in a row that do not get ready, however long each took', async () => {
    const { runner, threads, clock, started, last } = onFakeThreads(10);
    await started();
    last().end(1);
    for (let vain = 1; vain <= 4; vain++) clock.advance(30_000); // as long as a start may take; after two of them the window is over
    last().ready();
    last().end(1);
    for (let vain = 1; vain <= 4; vain++) clock.advance(30_000);
    expect(threads).toHaveLength(11);
    const run = runner.runStage(1, [FRAME]);
    clock.advance(30_000);
    expect(threads).toHaveLength(11);
    await expect(run).rejects.toMatchObject({ code: 'engine-restarted' });
    await expect(runner.runStage(1, [FRAME])).rejects.toMatchObject({ code: 'stopped' });
  });

  it('says why a later thread could not start', async () => {
    const { runner, started, last } = onFakeThreads(1);
    await started();
    last().end(1);
    const run = runner.runStage(1, [FRAME]);
    last().say({ type: 'not-started', code: 'bad-bundle', message: 'weights.bin is gone' });
    last().end(0);
    await expect(run).rejects.toMatchObject({ code: 'engine-restarted', message: /weights.bin is gone/ });
    const next = runner.runStage(1, [FRAME]);
    await expect(next).rejects.toMatchObject({ code: 'stopped', message: /weights.bin is gone/ });
  });

  it('keeps the busy time of earlier threads and leaves their warm-ups out', async () => {
    const { runner, threads, last } = onFakeThreads();
    const ready = runner.start();
    threads[0]?.ready(500);
    await ready;
    const run = runner.runStage(1, [FRAME]);
    last().ran(530);
    await run;
    last().end(1);
    last().ready(40);
    expect(runner.status()).toMatchObject({ busyMs: 30, generation: 2 });
  });
});

describe('a stage runner whose thread hangs', () => {
  it('ends it when a run has not been answered within its limit, and starts another', async () => {
    const { runner, threads, clock, started, last } = onFakeThreads();
    await started();
    const run = runner.runStage(1, [FRAME], 1000);
    clock.advance(999);
    expect(threads[0]?.isTerminated).toBe(false);
    clock.advance(1);
    await expect(run).rejects.toMatchObject({ code: 'engine-crashed', retriable: true, message: /no answer.*1000 ms/ });
    expect([threads[0]?.isTerminated, threads.length]).toEqual([true, 2]);
    last().ready();
    const next = runner.runStage(1, [FRAME], 1000);
    last().ran();
    expect((await next).outputs).toHaveLength(1);
    clock.advance(100_000);
    expect(threads).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  it('counts the limit of a run from when its turn came', async () => {
    const { runner, threads, clock, started, last } = onFakeThreads();
    await started();
    const first = runner.runStage(1, [FRAME], 5000);
    const second = runner.runStage(1, [FRAME], 1000);
    clock.advance(4000);
    threads[0]?.ran(0, 0);
    await first;
    clock.advance(999);
    expect(threads).toHaveLength(1);
    clock.advance(1);
    await expect(second).rejects.toMatchObject({ code: 'engine-crashed' });
    expect(last()).not.toBe(threads[0]);
  });

  it('lets a new thread get ready before a limit counts, but not for ever', async () => {
    const { runner, threads, clock, started, last } = onFakeThreads();
    await started();
    last().end(1);
    const run = runner.runStage(1, [FRAME], 1000);
    clock.advance(29_000);
    expect(threads).toHaveLength(2);
    last().ready();
    clock.advance(999);
    expect(threads).toHaveLength(2);
    last().ran();
    await run;
    last().end(1);
    clock.advance(30_000);
    expect(threads).toHaveLength(4);
  });

  it('takes all the time it likes where no limit is given', async () => {
    const { runner, threads, clock, started, last } = onFakeThreads();
    await started();
    const run = runner.runStage(1, [FRAME]);
    clock.advance(1e9);
    last().ran();
    await run;
    expect(threads).toHaveLength(1);
  });

  it('a first thread that is not ready in time rejects the start', async () => {
    const { runner, threads, clock } = onFakeThreads();
    const start = runner.start();
    clock.advance(30_000);
    await expect(start).rejects.toMatchObject({ code: 'engine-crashed', message: /no answer within 30000 ms/ });
    expect(threads).toHaveLength(1);
  });

  it('gives up when it cannot be ended, and lets itself be stopped', async () => {
    const { runner, threads, clock, started, last } = onFakeThreads();
    await started();
    last().terminate = () => new Promise(() => {});
    const run = runner.runStage(1, [FRAME], 1000);
    clock.advance(1000);
    clock.advance(100);
    await expect(run).rejects.toMatchObject({
      code: 'engine-hung',
      message: /cannot be ended: no answer within 1000 ms/,
    });
    expect(threads).toHaveLength(1);
    await expect(runner.runStage(1, [FRAME])).rejects.toMatchObject({ code: 'stopped' });
    await runner.stop();
  });

  it('says so when it is told to stop and cannot be ended', async () => {
    const { runner, clock, started, last } = onFakeThreads();
    await started();
    last().terminate = () => new Promise(() => {});
    const run = runner.runStage(1, [FRAME]);
    const stop = runner.stop();
    clock.advance(200);
    await expect(run).rejects.toMatchObject({ code: 'engine-hung' });
    await expect(stop).rejects.toMatchObject({ code: 'engine-hung', message: /told to stop/ });
  });
});

describe('a stage runner whose thread is spent', () => {
  it('starts another; no run is blamed, and what waits is answered', async () => {
    const { runner, threads, started, last } = onFakeThreads(0);
    await started();
    const held = runner.runStage(1, [FRAME]);
    last().ran();
    const handle = (await held).outputs[0]?.handle ?? -1;
    const begun = runner.runStage(1, [FRAME]);
    const waiting = runner.runStage(2, [{ handle, pixels: null }]);
    last().ran(0, 1);
    expect((await begun).outputs).toHaveLength(1);
    last().say({ type: 'spent', message: 'it has made 7 tensors' });
    const late = runner.runStage(1, [FRAME]);
    expect(threads).toHaveLength(1); // not two at once
    last().end(0);
    const restarted = {
      code: 'engine-restarted',
      retriable: true,
      message: /ended as it should: it has made 7 tensors/,
    };
    await expect(waiting).rejects.toMatchObject(restarted);
    await expect(late).rejects.toMatchObject(restarted);
    last().ready();
    await expect(runner.runStage(2, [{ handle, pixels: null }])).rejects.toMatchObject({ code: 'engine-restarted' });
    const again = runner.runStage(1, [FRAME]);
    last().ran();
    expect((await again).outputs).toHaveLength(1);
    expect(runner.status()).toMatchObject({ generation: 2, heldActivations: 1 });
  });

  it('is no crash, however often; one that does not go is ended', async () => {
    const { runner, threads, clock, started, last } = onFakeThreads(0);
    await started();
    for (let spent = 1; spent <= 6; spent++) {
      last().say({ type: 'spent', message: 'it has made 7 tensors' });
      last().end(0);
      last().ready();
    }
    expect(threads).toHaveLength(7);
    last().say({ type: 'spent', message: 'it has made 7 tensors' });
    clock.advance(100);
    expect(threads[6]?.isTerminated).toBe(true);
    expect(threads).toHaveLength(8);
    last().ready();
    const run = runner.runStage(1, [FRAME]);
    last().ran();
    expect((await run).outputs).toHaveLength(1);
  });
});

describe('a stage runner', () => {
  it('forgets a frame that is released while it runs', async () => {
    const { runner, started, last } = onFakeThreads();
    await started();
    const first = runner.runStage(1, [FRAME]);
    last().ran();
    const handle = (await first).outputs[0]?.handle ?? -1;
    expect(runner.status()).toMatchObject({ heldActivations: 1, heldBytes: 10 });
    const second = runner.runStage(2, [{ handle, pixels: null }]);
    runner.release([handle]);
    last().ran();
    await second;
    expect(runner.status()).toMatchObject({ heldActivations: 0, heldBytes: 0 });
  });

  it('ends a thread that does not stop, and rejects what it had not answered', async () => {
    const { runner, clock, started, last } = onFakeThreads();
    await started();
    const run = runner.runStage(1, [FRAME]);
    const stop = runner.stop();
    clock.advance(100);
    await expect(run).rejects.toMatchObject({ code: 'stopped' });
    await stop;
    expect(last().received.at(-1)).toEqual({ type: 'stop' });
    expect(last().isTerminated).toBe(true);
  });

  it('refuses a run before it has started', async () => {
    const { runner } = onFakeThreads();
    await expect(runner.runStage(1, [FRAME])).rejects.toMatchObject({ code: 'stopped' });
    await runner.stop();
  });
});

describe('a stage runner with a real thread', () => {
  let real: BundleRunner | undefined;
  afterEach(async () => {
    await real?.cleanUp();
    real = undefined;
  });

  it('rejects its start with one clear error for a bad bundle', async () => {
    real = await bundleRunner(EVERY_KIND, 'wasm');
    await truncate(join(real.folder, 'weights.bin'), 100);
    await expect(real.runner.start()).rejects.toMatchObject({ code: 'bad-bundle', message: /got 100/ });
    await expect(real.runner.start()).rejects.toMatchObject({ code: 'stopped' });
  });

  it('survives a thread killed in the middle of computing', async () => {
    const heavy = NetworkSchema.parse({
      name: 'heavy',
      input: { height: 64, width: 64, channels: 3 },
      stages: [{ takes: 'frame', frame: [{ kind: 'conv', out: 16 }, { kind: 'residual' }] }],
    });
    real = await bundleRunner(heavy, 'wasm', { batchSizes: [1] });
    const { runner, thread } = real;
    await runner.start();
    const frames = Array.from({ length: 128 }, (_, i) => ({ handle: null, pixels: framePixels(heavy, i) }));
    const run = runner.runStage(1, frames); // 2.6 GMAC: far longer than it takes to kill it
    await thread().terminate();
    await expect(run).rejects.toMatchObject({ code: 'engine-crashed', retriable: true });
    expect(runner.status()).toMatchObject({ generation: 2, heldActivations: 0 });
    const { outputs } = await runner.runStage(1, frames.slice(0, 2));
    expect(outputs).toHaveLength(2);
  });

  it.each([
    ['in JavaScript is ended, and another takes its place', 'for (;;);', 'engine-crashed'],
    ['in native code is given up', "require('node:child_process').execSync('sleep 2')", 'engine-hung'],
  ])('a thread that hangs %s', async (_, hang, code) => {
    const says = (text: string) => `require('node:worker_threads').parentPort.${text}`;
    const status = { backend: 'cpu', description: '', busyMs: 0, tensors: 0 };
    const ready = JSON.stringify({ type: 'ready', timings: [], pixelBytes: 3, heldBytesAt: [0], status });
    const source = `${says(`on('message', () => { ${hang} })`)}; ${says(`postMessage(${ready})`)}`;
    let starts = 0;
    const spawn = () => {
      starts += 1;
      return new Worker(source, { eval: true });
    };
    const runner = createStageRunner({ bundleFolder: 'none', spawn, stopWithinMs: 200 });
    await runner.start();
    await expect(runner.runStage(1, [FRAME], 100)).rejects.toMatchObject({ code });
    expect(starts).toBe(code === 'engine-hung' ? 1 : 2);
    await runner.stop();
  });

  it('has as many tensors after frames as after their like before', async () => {
    real = await bundleRunner(EVERY_KIND, 'wasm');
    const { runner } = real;
    await runner.start();
    const { tensors } = runner.status();
    for (let round = 0; round < 3; round++) {
      const first = await runner.runStage(
        1,
        [0, 1, 2].map((i) => ({ handle: null, pixels: framePixels(EVERY_KIND, i) })),
      );
      await runner.runStage(
        2,
        first.outputs.slice(1).map(({ handle }) => ({ handle, pixels: null })),
      );
      expect(runner.status().tensors).toBe(tensors + 3);
      runner.release(first.outputs.map(({ handle }) => handle));
    }
  });
});
