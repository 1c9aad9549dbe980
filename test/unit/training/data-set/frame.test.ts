import { describe, expect, it } from 'vitest';
import { classOf } from '../../../../src/training/data-set/frame.ts';

describe('classOf', () => {
  it.each<[string | null, boolean, string[], number | null]>([
    ['dog', false, ['cat', 'dog'], 1],
    ['1', true, ['cat', 'dog'], 1],
    ['2', true, ['cat', 'dog'], null],
    ['bird', true, ['cat', 'dog'], null],
    [null, true, ['cat', 'dog'], null],
    ['1', false, ['cat', 'dog'], null], // the name of a folder
    ['1', true, ['1', '0'], 0], // a name goes before an index
    ['0', true, ['1', '2', '3'], null], // numbers are names here, and no class is called 0
    ['0', true, ['1', 'other'], 0],
  ])('of %s (may be an index: %s) among %j is %s', (label, isIndexAllowed, classes, expected) => {
    expect(classOf({ label, isIndexAllowed }, classes)).toBe(expected);
  });
});
