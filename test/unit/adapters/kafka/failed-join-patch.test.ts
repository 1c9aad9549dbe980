// A member whose join of the group failed half-way joins again before it does anything else: seen on kafkajs' own consumer group and runner.
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { mendFailedJoin } from '../../../../src/adapters/kafka/failed-join-patch.ts';
import { CODES, ConsumerGroup, closed, PAUSE_MS, protocolError, runMember } from '../../../fakes/consumer-group.ts';

const { joinAndSync, fetch, heartbeat } = ConsumerGroup.prototype;

/** The group rebalances once; `lost`: answers to the second half of a join that are lost after that. Generation 1 has both partitions, later ones only 1. */
async function rebalanced(lost: number, says = CODES.rebalancing) {
  let isTold = false;
  let failures = 0;
  const member = await runMember({
    sync(generation) {
      if (isTold && failures < lost) {
        failures += 1;
        throw closed();
      }
      return generation === 1 ? [0, 1] : [1];
    },
    heartbeat() {
      if (isTold) return;
      isTold = true;
      throw protocolError(says);
    },
  });
  stop = member.stop;
  const since = (event: string) => member.log.slice(member.log.findIndex((line) => line.startsWith(event)));
  const reads0 = () => since('join 2').includes('fetch 0');
  const hasJoinedAgain = () => since('join 2').includes('joined');
  await member.until('join 2');
  for (let ms = 0; ms < 3000 && !reads0() && !hasJoinedAgain(); ms += PAUSE_MS) await member.pause();
  for (let more = 0; more < 10; more++) await member.pause();
  return { ...member, joins: member.log.filter((line) => line.startsWith('join ')), reads0: reads0() };
}

let stop = async () => {};
afterEach(() => stop());

describe('kafkajs as it comes: when it no longer does so, this mend can go', () => {
  beforeAll(() => {
    Object.assign(ConsumerGroup.prototype, { joinAndSync, fetch, heartbeat });
  });
  test('it goes on with the assignment of before, in the new generation', async () => {
    const { joins, reads0, group } = await rebalanced(1);
    expect(joins).toHaveLength(2);
    expect(reads0).toBe(true);
    expect(group.generationId).toBe(2);
  });
});

describe('mended', () => {
  beforeAll(() => {
    mendFailedJoin();
    mendFailedJoin();
  });
  test.each([1, 3])('%i joins that fail: it reads nothing until it has joined, as the same member', async (lost) => {
    const { joins, reads0, log, group } = await rebalanced(lost);
    expect(joins).toHaveLength(2 + lost);
    expect(joins.slice(1).every((line) => line.endsWith('as member-of-1'))).toBe(true);
    expect(reads0).toBe(false);
    expect(log).toContain('fetch 1');
    expect(group.generationId).toBe(group.offsetManager.generationId);
  });
  test('so does one that the coordinator did not know any more', async () => {
    const { joins, reads0 } = await rebalanced(1, CODES.unknownMember);
    expect(joins.map((line) => line.replace(/.* as /, ''))).toEqual(['nobody', 'nobody', 'member-of-2']);
    expect(reads0).toBe(false);
  });
  test('one that has no member id does not go on without heartbeats', async () => {
    let joins = 0;
    const member = await runMember({
      join() {
        joins += 1;
        if (joins === 2) throw closed();
      },
      heartbeat() {
        if (joins === 1) throw protocolError(CODES.unknownMember);
      },
    });
    stop = member.stop;
    await member.until('join 2');
    expect(member.log).toContain('join 2 on 0 as nobody');
  });
  test('one that can never join falls over', async () => {
    let isJoined = false;
    const member = await runMember(
      {
        sync() {
          if (isJoined) throw closed();
          isJoined = true;
          return [0, 1];
        },
        heartbeat() {
          throw protocolError(CODES.rebalancing);
        },
      },
      3,
    );
    stop = member.stop;
    expect(await member.until('crash')).toContain('crash: Closed connection');
    expect(member.log.filter((line) => line.startsWith('join '))).toHaveLength(1 + 4);
  });
  test('the first join fails as before', async () => {
    const { log } = await runMember({
      sync() {
        throw closed();
      },
    });
    expect(log.at(-1)).toBe('crash: Closed connection');
  });
});
