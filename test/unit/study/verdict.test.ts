// Which weighting wins, and whether it is the shipped one, in figures and in words.
import { expect, it } from 'vitest';
import { verdictOn } from '../../../src/study/verdict.ts';

const weightings = [
  { weights: 'const', oscillate: false, meanIncrease: 0.15 },
  { weights: 'sieve', oscillate: true, meanIncrease: 0.042 },
  { weights: 'sieve', oscillate: false, meanIncrease: 0.06 },
];

it('names the least mean increase', () => {
  expect(verdictOn(weightings, { weights: 'sieve', oscillate: true })).toEqual({
    ...{ weights: 'sieve', oscillate: true, meanIncrease: 0.042, isShipped: true },
    shipped: { weights: 'sieve', oscillate: true, meanIncrease: 0.042 },
    statement:
      'sieve with oscillation wins: errors over OPT +4.2 % on average over the quarters of the cost. The shipped models begin with it.',
  });
});

it('tells weightings with and without oscillation apart, and says what the shipped one gives', () => {
  const verdict = verdictOn(weightings, { weights: 'sieve', oscillate: false });
  expect(verdict).toMatchObject({ oscillate: true, isShipped: false, shipped: { meanIncrease: 0.06 } });
  expect(verdict?.statement).toContain('The shipped models begin with sieve without oscillation: +6.0 %.');
  expect(verdictOn(weightings, { weights: 'opt', oscillate: false })?.statement).toContain('not part of the study');
});

it('waits for all of them', () => {
  const missing = [...weightings, { weights: 'linear', oscillate: true, meanIncrease: null }];
  expect(verdictOn(missing, { weights: 'sieve', oscillate: true })).toBeNull();
  expect(verdictOn([], { weights: 'sieve', oscillate: true })).toBeNull();
});
