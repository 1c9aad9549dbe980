// A group whose coordinator goes away is joined on the broker that takes over: seen on kafkajs' own consumer group and runner.
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../../../src/adapters/kafka/client.ts';
import { mendLostCoordinator } from '../../../../src/adapters/kafka/lost-coordinator-patch.ts';
import { type Answers, ConsumerGroup, closed, PAUSE_MS, refused, runMember } from '../../../fakes/consumer-group.ts';

const { heartbeat } = ConsumerGroup.prototype;
const RETRIES = 6;

let stop = async () => {};
afterEach(() => stop());

/** Broker 0 no longer answers heartbeats; broker 1 names itself after `after` questions. Until it has joined again or crashed. */
async function lost(after: number, says: () => Error = refused, answers: Partial<Answers> = {}) {
  let isGone = false;
  let questions = 0;
  const member = await runMember(
    {
      heartbeat(nodeId) {
        if (isGone && nodeId === '0') throw says();
      },
      coordinator() {
        if (!isGone) return '0';
        questions += 1;
        return questions > after ? '1' : '0';
      },
      ...answers,
    },
    RETRIES,
  );
  stop = member.stop;
  await member.until('fetch 1');
  isGone = true;
  const isOver = () => member.log.some((line) => line.startsWith('join 2') || line.startsWith('crash'));
  for (let ms = 0; ms < 2000 && !isOver(); ms += PAUSE_MS) await member.pause();
  for (let more = 0; more < 10; more++) await member.pause();
  const { log } = member;
  return { ends: log.filter((line) => /^(join [^1]|crash)/.test(line)), asked: log.filter((l) => l === 'find on 1') };
}

describe('kafkajs as it comes: when it no longer does so, this mend can go', () => {
  beforeAll(() => {
    Object.assign(ConsumerGroup.prototype, { heartbeat });
  });
  test('it falls over without having asked who the coordinator is', async () => {
    expect(await lost(0)).toEqual({ ends: [expect.stringMatching(/^crash: .*ECONNREFUSED/)], asked: [] });
  });
});

describe.each([
  ['mended', () => mendLostCoordinator()],
  ['with all mends', () => void createClient({ brokers: ['nowhere:1'] })],
])('%s', (_, mend) => {
  beforeAll(() => {
    mend();
    mend();
  });
  test.each([
    ['refused', refused],
    ['closed', closed],
  ])('a heartbeat that is %s: it joins on the other broker, as the same member', async (_what, says) => {
    expect((await lost(0, says)).ends).toEqual(['join 2 on 1 as member-of-1']);
  });
  test('one that takes over later is found later', async () => {
    const { ends, asked } = await lost(2);
    expect(ends).toEqual(['join 2 on 1 as member-of-1']);
    expect(asked.length).toBeGreaterThanOrEqual(3);
  });
  test('while none takes over it tries as often as it may, then falls over as before', async () => {
    const { ends, asked } = await lost(Number.POSITIVE_INFINITY);
    expect(ends).toEqual([expect.stringMatching(/^crash: .*ECONNREFUSED/)]);
    expect(asked.length).toBeGreaterThan(RETRIES);
  });
  test('with all brokers away it does so too', async () => {
    let fetches = 0;
    const away = {
      fetch() {
        fetches += 1;
        if (fetches > 6) throw refused();
      },
      coordinator(): string {
        if (fetches > 6) throw refused();
        return '0';
      },
    };
    const { ends } = await lost(0, refused, away);
    expect(ends).toEqual([expect.stringMatching(/^crash: .*ECONNREFUSED/)]);
  });
});
