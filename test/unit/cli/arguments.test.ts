// Flag values: what is not understood is told with what was expected and what came.
import { expect, it } from 'vitest';
import { numberAbove0, numberFrom, wholeNumber } from '../../../src/cli/arguments.ts';

it('parses numbers within bounds', () => {
  expect(numberFrom('--x', 'a share', 0, 1)('0.25')).toBe(0.25);
  expect(numberAbove0('--rate', 'frames a second')('1e3')).toBe(1000);
  expect(wholeNumber('--n', 'a number', 1)('12')).toBe(12);
});

it.each(['', ' ', 'fast', '0x10', '1,5', 'NaN', 'Infinity', '-1', '0'])('refuses %j as a rate', (text) => {
  expect(() => numberAbove0('--rate', 'frames a second')(text)).toThrow(
    `Expected \`--rate\` to be frames a second above 0, got ${JSON.stringify(text)}`,
  );
});

it('refuses what is above its bound', () => {
  const minutes = numberAbove0('--minutes', 'minutes', 35_791);
  expect(minutes('35791')).toBe(35_791);
  expect(() => minutes('35792')).toThrow('Expected `--minutes` to be minutes above 0 and at most 35791, got "35792"');
});

it('refuses fractions and what is out of bounds', () => {
  expect(() => wholeNumber('--n', 'partitions', 1, 10)('1.5')).toThrow('from 1 to 10), got "1.5"');
  expect(() => wholeNumber('--n', 'partitions', 1, 10)('11')).toThrow('partitions');
  expect(() => numberFrom('--x', 'a share', 0, 1)('1.01')).toThrow('a share from 0 to 1, got "1.01"');
});
