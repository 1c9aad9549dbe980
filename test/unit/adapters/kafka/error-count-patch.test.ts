// Errors that are far apart do not end a consumer, and what fails every time does: seen on kafkajs' own consumer group and runner.
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../../../src/adapters/kafka/client.ts';
import { mendErrorCount } from '../../../../src/adapters/kafka/error-count-patch.ts';
import {
  type Answers,
  CODES,
  ConsumerGroup,
  closed,
  PAUSE_MS,
  protocolError,
  Runner,
  refused,
  runMember,
} from '../../../fakes/consumer-group.ts';

const { fetch, heartbeat } = ConsumerGroup.prototype;
const { scheduleFetchManager } = Runner.prototype;
const RETRIES = 3;
/** So many in a row, or in all, end it. */
const LIMIT = RETRIES + 1;
const ERRORS = 4 * LIMIT;

let stop = async () => {};
afterEach(() => stop());

/** Until it has met so many errors, or crashed. */
async function lived(fail: (call: number) => Error | null, by: 'fetch' | 'heartbeat' = 'fetch') {
  let [calls, errors] = [0, 0];
  const one = (nodeId: string) => {
    if (by === 'fetch' && nodeId !== '1') return;
    const error = errors < ERRORS ? fail(++calls) : null;
    if (!error) return;
    errors += 1;
    throw error;
  };
  const answers: Partial<Answers> = by === 'fetch' ? { fetch: one } : { heartbeat: one };
  const member = await runMember(answers, RETRIES);
  stop = member.stop;
  const hasCrashed = () => member.log.some((line) => line.startsWith('crash'));
  for (let ms = 0; ms < 4000 && errors < ERRORS && !hasCrashed(); ms += PAUSE_MS) await member.pause();
  return { errors, hasCrashed: hasCrashed() };
}

const nowAndThen = (call: number) => (call % 5 === 0 ? refused() : null);
const fromTheFifth = (call: number) => (call >= 5 ? refused() : null);

describe('kafkajs as it comes: when it no longer does so, this mend can go', () => {
  beforeAll(() => {
    Object.assign(ConsumerGroup.prototype, { fetch, heartbeat });
    Object.assign(Runner.prototype, { scheduleFetchManager });
  });
  test.each(['fetch', 'heartbeat'] as const)('errors of a %s that are far apart end it', async (by) => {
    expect(await lived(nowAndThen, by)).toEqual({ errors: LIMIT, hasCrashed: true });
  });
});

describe.each([
  ['mended', () => mendErrorCount()],
  ['with all mends', () => void createClient({ brokers: ['nowhere:1'] })],
])('%s', (_, mend) => {
  beforeAll(() => {
    mend();
    mend();
  });
  test.each(['fetch', 'heartbeat'] as const)('errors of a %s that are far apart do not', async (by) => {
    expect(await lived(nowAndThen, by)).toEqual({ errors: ERRORS, hasCrashed: false });
  });
  test('a fetch that fails each time does, while all else is well', async () => {
    expect(await lived(fromTheFifth)).toEqual({ errors: LIMIT, hasCrashed: true });
  });
  test('so does a heartbeat', async () => {
    const { errors, hasCrashed } = await lived(fromTheFifth, 'heartbeat');
    expect(hasCrashed).toBe(true);
    expect(errors).toBeLessThanOrEqual(2 * LIMIT); // one for each of the two brokers that it fetches from
  });
  test('a connection that is closed, and refused the next time, was not in order between', async () => {
    const turns = (call: number) => (call % 2 === 0 ? refused() : closed());
    expect(await lived(turns)).toEqual({ errors: 2 * LIMIT, hasCrashed: true });
  });
  test('a rebalance after good fetches is joined as before', async () => {
    let heartbeats = 0;
    const member = await runMember({
      heartbeat() {
        heartbeats += 1;
        if (heartbeats === 5) throw protocolError(CODES.rebalancing);
      },
    });
    stop = member.stop;
    expect(await member.until('join 2')).toContain('join 2 on 0 as member-of-1');
  });
});
