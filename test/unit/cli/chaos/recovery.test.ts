// How long answers were away after a fault.
import { expect, it } from 'vitest';
import { Account } from '../../../../src/cli/chaos/account.ts';
import { recoveries } from '../../../../src/cli/chaos/recovery.ts';

const START = 1_700_000_000_000;

it('lasts until all good frames sent right after the fault have their first answer', () => {
  const book = new Account(6, START, 3);
  const sentAt = [0, 1000, 1100, 1200, 1300]; // the last of them too late to have felt it; frame 5 was never sent
  for (const [n, at] of sentAt.entries()) book.sent(n, START + at, n === 3);
  const answered = (n: number, at: number) =>
    book.answered(n, {
      stage: 1,
      final: true,
      topic: 'coarse',
      publishedAt: START + at,
      appendedAt: START + at,
      exit: 'load',
      label: 'a',
      isRecorded: true,
      isForgotten: false,
    });
  for (const [n, at] of [10, 1500, 4000, 9000, 8000].entries()) answered(n, at);
  expect(recoveries(book, [START + 1000], 6)).toEqual([3000]);
});

it('has no figure for a fault after which no frame came', () => {
  const book = new Account(2, START, 3);
  book.sent(0, START, false);
  expect(recoveries(book, [START + 10, START - 1000], 2)).toEqual([]);
});
