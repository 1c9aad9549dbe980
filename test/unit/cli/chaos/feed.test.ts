// Sending the frames of a run.
import { expect, it } from 'vitest';
import { Account } from '../../../../src/cli/chaos/account.ts';
import { feed } from '../../../../src/cli/chaos/feed.ts';
import type { OutgoingRecord } from '../../../../src/ports.ts';

const FRAMES = 600;
const record = (n: number): OutgoingRecord => ({ key: null, value: Uint8Array.of(n % 256), headers: {} });

/** Feeds all frames through a sender whose sends of these turns fail; what it was given, and the account. */
async function fed(failing: readonly number[]) {
  const account = new Account(FRAMES, 0, 3);
  const sends: number[] = [];
  const sender = {
    start: async () => {},
    stop: async () => {},
    send: async (records: readonly OutgoingRecord[]) => {
      sends.push(records.length);
      if (failing.includes(sends.length)) throw new Error('the broker is away');
    },
  };
  await feed({
    ...{ frames: FRAMES, startAt: 0, account, record, sender, now: () => 1000, progress: () => {} },
    ...{ dueBy: () => FRAMES, isPoisonous: () => false, signal: new AbortController().signal },
  });
  return { account, sends };
}

it('all frames are acknowledged and open, some hundred at once', async () => {
  const { account, sends } = await fed([]);
  expect(sends).toEqual([250, 250, 100]);
  expect(account.summary([])).toMatchObject({ frames: FRAMES, lost: FRAMES });
});

it('what failed goes out again, and only its repeats are excused', async () => {
  const { account, sends } = await fed([2]);
  expect(sends).toEqual([250, 250, 250, 100]);
  for (const n of [0, 300])
    for (const at of [2000, 2001])
      account.answered(n, {
        stage: 1,
        final: true,
        topic: 'coarse',
        publishedAt: at,
        appendedAt: at,
        exit: 'load',
        label: 'a',
        isRecorded: true,
        isForgotten: false,
      });
  expect(account.summary([]).duplicates.final).toBe(1);
});
