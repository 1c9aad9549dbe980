// What the injector does for each kind of fault, on workers and servers that only take notes. Time is the test's: it passes in pauses.
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { AwaySpans } from '../../../../src/cli/chaos/away-spans.ts';
import type { ChaosServices } from '../../../../src/cli/chaos/chaos-services.ts';
import type { ChaosWorker } from '../../../../src/cli/chaos/chaos-worker.ts';
import type { Crew } from '../../../../src/cli/chaos/crew.ts';
import type { RemoteDoor } from '../../../../src/cli/chaos/doors.ts';
import { createInjector, type Injector } from '../../../../src/cli/chaos/inject.ts';
import type { Fault, FaultKind } from '../../../../src/cli/chaos/schedule.ts';

const START = 1_700_000_000_000;

/** Everything that is done, with its time after the start, ms. */
function scene(redisPort = 1) {
  let at = START;
  const done: [number, string][] = [];
  const note = (what: string) => void done.push([at - START, what]);
  const pause = async (ms: number) => {
    at += ms;
  };
  const lasting = (name: string) => async (ms: number) => {
    note(`${name} for ${ms}`);
    await pause(ms);
  };
  const door = (name: string) =>
    ({
      cut: lasting(`cut ${name}`),
      slow: async (ms: number) => note(`slow ${name} by ${ms}`),
    }) as unknown as RemoteDoor;
  const worker = { name: 'worker-1', crashEngine: () => note('crash') } as unknown as ChaosWorker;
  let extras = 0;
  const crew = {
    choose: (pick: number) => (pick < 0.5 ? worker : null),
    end: async ({ name }: ChaosWorker, signal: string, awayMs: number) => note(`${signal} ${name}, away ${awayMs}`),
    freeze: async (_: ChaosWorker, ms: number) => await lasting('freeze')(ms),
    addExtra() {
      extras += 1;
      note(`${extras} extra`);
    },
    removeExtra() {
      if (extras === 0) return false;
      extras -= 1;
      note(`${extras} extra`);
      return true;
    },
  } as unknown as Crew;
  const services = {
    redisPort,
    restartKafka: lasting('restart Kafka'),
    restartRedis: lasting('restart Redis'),
    kafkaDoor: door('kafka'),
    redisDoor: door('redis'),
  } as unknown as ChaosServices;
  const away = new AwaySpans();
  const injector = createInjector({ services, crew, away, say: () => {}, now: () => at, pause });
  return { injector, done, away };
}

const fault = (kind: FaultKind, more: Partial<Fault> = {}): Fault => ({
  ...{ kind, atMs: 100, lastsMs: 0, pick: 0, server: 'kafka' },
  ...more,
});

const run = (injector: Injector, ...faults: Fault[]) => injector.run(faults, START, new AbortController().signal);

it('toggles: a worker comes or goes at least every 500 ms, three at most, and all are gone at the end', async () => {
  const { injector, done } = scene();
  await run(injector, fault('toggle', { lastsMs: 8000 }));
  const times = done.map(([at]) => at);
  expect(times[0]).toBe(100);
  const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(500);
  expect(times.length).toBeGreaterThanOrEqual(16);
  const extras = done.map(([, what]) => Number(what.split(' ')[0]));
  expect(Math.max(...extras)).toBe(3);
  expect(extras.at(-1)).toBe(0);
  expect(injector.counts()).toEqual({ toggle: done.length });
});

it.each<[FaultKind, Partial<Fault>, [number, string][]]>([
  ['sigkill', { lastsMs: 700 }, [[100, 'SIGKILL worker-1, away 700']]],
  ['sigterm', { lastsMs: 700 }, [[100, 'SIGTERM worker-1, away 700']]],
  ['sigstop', { lastsMs: 9000 }, [[100, 'freeze for 9000']]],
  ['engine-crash', {}, [[100, 'crash']]],
  ['kafka-restart', { lastsMs: 3000 }, [[100, 'restart Kafka for 3000']]],
  ['redis-kill', { lastsMs: 3000 }, [[100, 'restart Redis for 3000']]],
  ['cut', { lastsMs: 400, server: 'redis' }, [[100, 'cut redis for 400']]],
  [
    'slow',
    { lastsMs: 400, server: 'kafka' },
    [
      [100, 'slow kafka by 40'],
      [500, 'slow kafka by 0'],
    ],
  ],
])('%s hits what it is to hit, at its time', async (kind, more, expected) => {
  const { injector, done } = scene();
  await run(injector, fault(kind, more));
  expect(done).toEqual(expected);
  expect(injector.counts()).toEqual({ [kind]: 1 });
  expect(injector.injected).toMatchObject([{ at: START + 100, kind }]);
});

it.each<[FaultKind, string]>([
  ['redis-flush', 'FLUSHALL'],
  ['redis-pause', 'CLIENT PAUSE 250 ALL'],
])('%s is an order to Redis', async (kind, order) => {
  let heard = '';
  const server = createServer((socket) =>
    socket.on('data', (bytes) => {
      heard += bytes;
      socket.write('+OK\r\n');
    }),
  );
  await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
  const address = server.address();
  const { injector, away } = scene(typeof address === 'object' && address !== null ? address.port : 0);
  await run(injector, fault(kind, { lastsMs: 250, server: 'redis' }));
  server.close();
  for (const word of order.split(' ')) expect(heard).toContain(word);
  expect(injector.counts()).toEqual({ [kind]: 1 });
  const span = { from: START + 100, to: START + (kind === 'redis-pause' ? 350 : 100) };
  expect(away.spans(START + 1000)).toEqual([span]);
  expect(away.wipes).toEqual(kind === 'redis-flush' ? [span] : []);
});

it('where no worker is left to hit, nothing is counted; what comes after the end is not carried out', async () => {
  const { injector, done } = scene();
  await run(injector, fault('sigkill', { pick: 0.9 }));
  expect(injector.counts()).toEqual({});
  await injector.run([fault('sigkill')], START, AbortSignal.abort());
  expect(done).toEqual([]);
});
