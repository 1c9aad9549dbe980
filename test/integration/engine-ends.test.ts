// Worker processes on real Kafka and Redis whose engine cannot go on: how each ends, what probes hear before, and that the next
// worker answers what they held.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { KafkaFrameSender } from '../../src/adapters/kafka/frame-sender.ts';
import type { Order } from '../../src/cli/chaos/fault-pixels.ts';
import { colourImage } from '../../src/cli/chaos/make-frame.ts';
import { ASK_NOTHING, frameRecordOf } from '../../src/cli/frame-record-of.ts';
import type { RunDocument } from '../../src/evaluation/run-document.ts';
import { killOpenClis, lastJson, runCli, startCli } from '../helpers/run-cli.ts';
import { realServers } from '../helpers/servers/servers.ts';
import { useTinyBundle } from '../helpers/tiny-bundle.ts';

const LIMIT_MS = 120_000;

const servers = await realServers();
const bundle = useTinyBundle();
afterEach(killOpenClis);

async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${port}`;
}

/** What a probe hears, over and over until nobody answers any more. */
async function answersOf(url: string): Promise<number[]> {
  const heard: number[] = [];
  for (;;) {
    const status = await fetch(url).then(
      (response) => response.status,
      () => null,
    );
    if (status === null) return heard;
    if (status !== heard.at(-1)) heard.push(status);
  }
}

describe.skipIf(servers === null)('an engine that cannot go on', () => {
  const brokers = servers?.kafkaBrokers ?? [];
  const kafka = ['--kafka-brokers', brokers.join(',')];

  /** Topics of its own, the flags of its workers, and its frames: one record for each order, and images of no order. */
  async function field(orders: readonly Order[], good: number) {
    const name = `ends-${randomUUID().slice(0, 8)}`;
    const results = ['--coarse-topic', `${name}.coarse`, '--refined-topic', `${name}.refined`];
    const topics = ['--frames-topic', name, ...results, '--dead-letter-topic', `${name}.dlq`];
    const own = [
      '--group',
      name,
      '--redis-prefix',
      name,
      '--redis-url',
      servers?.redisUrl ?? '',
      '--deadline-ms',
      'none',
    ];
    const engine = ['--model', bundle.folder, '--backend', 'wasm', '--session-timeout-ms', '6000'];
    const worker = ['worker', ...kafka, ...topics, ...own, ...engine, '--create-topics', '1'];
    return {
      worker,
      /** The frames with an order, or the good ones. */
      async send(what: 'orders' | 'good') {
        const colours = what === 'orders' ? orders : Array.from({ length: good }, () => 'slow' as const); // no order to the engine
        const images = colours.map(colourImage);
        const sender = new KafkaFrameSender({ brokers, topic: name });
        await sender.start();
        const frames = await Promise.all(images);
        await sender.send(
          frames.map((bytes, i) => frameRecordOf({ id: `${what}-${i}`, label: null, bytes }, ASK_NOTHING, Date.now())),
        );
        await sender.stop();
      },
      async watch() {
        const count = String(orders.length + good);
        const flags = ['--from-beginning', '--until-final', count, '--json'];
        const watched = await runCli('anytime.ts', 'watch', ...kafka, ...topics, ...flags);
        expect(watched.code, watched.stderr).toBe(0);
        return lastJson<RunDocument>(watched);
      },
    };
  }

  it('its thread ends again and again: 3, and probes hear it before', { timeout: LIMIT_MS }, async () => {
    const crashing = Array.from({ length: 12 }, () => 'crashes-engine' as const);
    const { worker, send, watch } = await field(crashing, 4);
    const address = await freeAddress();
    const first = startCli('chaos/faulty-worker.ts', ['0', 'go', ...worker, '--health-address', address]);
    await first.said('"event":"started"');
    const [ready, alive] = [answersOf(`http://${address}/readyz`), answersOf(`http://${address}/healthz`)];
    await send('orders'); // no good one among them: a run that ends well would begin the row anew
    const { code, stderr } = await first.done;
    expect(code, stderr).toBe(3);
    expect(stderr).toMatch(/times in a row/);
    expect(await ready).toEqual([200, 503]);
    expect(await alive).toEqual([200, 503]);
    await send('good');
    const next = startCli('anytime.ts', worker);
    const document = await watch();
    expect(document).toMatchObject({ frames: 16, final: 16, lost: 0 });
    next.child.kill('SIGTERM');
    expect((await next.done).code).toBe(0);
  });

  it('its thread hangs where nothing can end it: the worker kills itself', { timeout: LIMIT_MS }, async () => {
    const { worker, send, watch } = await field(['hangs-natively'], 4);
    const first = startCli('chaos/faulty-worker.ts', ['0', 'go', ...worker, '--hang-floor-ms', '1000']);
    await first.said('"event":"started"');
    await send('orders');
    await send('good');
    const { code, stderr } = await first.done;
    expect(code, stderr).toBeNull();
    expect(first.child.signalCode).toBe('SIGKILL'); // 137 to a shell
    expect(stderr).toContain('"code":"engine-hung"');
    const next = startCli('anytime.ts', worker);
    expect(await watch()).toMatchObject({ frames: 5, final: 5, lost: 0, deadLettered: 0 });
    next.child.kill('SIGTERM');
    expect((await next.done).code).toBe(0);
  });

  it('its thread hangs so and it is told to stop twice: it is gone in time all the same', {
    timeout: LIMIT_MS,
  }, async () => {
    const { worker, send, watch } = await field(['hangs-natively'], 4);
    const first = startCli('chaos/faulty-worker.ts', ['0', 'go', ...worker, '--load-line-ms', '200']);
    await first.said('"event":"started"');
    await send('orders');
    await send('good');
    await first.said('"held":{"frames":5');
    first.child.kill('SIGTERM');
    await first.said('draining');
    first.child.kill('SIGTERM');
    const from = performance.now();
    await first.done;
    expect(performance.now() - from).toBeLessThan(3000 + 1000 + 4000); // an abort, an exit, and what a busy machine adds
    expect(first.child.signalCode).toBe('SIGKILL');
    const next = startCli('anytime.ts', worker);
    expect(await watch()).toMatchObject({ frames: 5, final: 5, lost: 0, deadLettered: 0 });
    next.child.kill('SIGTERM');
    expect((await next.done).code).toBe(0);
  });
});
