// Back-pressure marks.
import { describe, expect, it } from 'vitest';
import { Credits } from '../../../src/core/credits.ts';

describe('Credits', () => {
  it('is above the high mark by frames or by bytes, and below the low one by both', () => {
    const credits = new Credits({ maxFrames: 4, maxBytes: 100 });
    expect(credits.isBelowLow()).toBe(true);
    for (let i = 0; i < 3; i++) credits.take(10);
    expect([credits.isAboveHigh(), credits.isBelowLow()]).toEqual([false, false]);
    credits.take(10);
    expect(credits.isAboveHigh()).toBe(true);
    expect(credits.excessFrames()).toBe(1);
    credits.give(10);
    credits.give(10);
    expect(credits.isBelowLow()).toBe(true);
    credits.take(90);
    expect(credits.isAboveHigh()).toBe(true);
    expect(credits.heldBytes).toBe(110);
  });

  it('counts as excess what is above the low mark, of bytes too', () => {
    const credits = new Credits({ maxFrames: 1000, maxBytes: 100 });
    for (let i = 0; i < 10; i++) credits.take(10);
    expect(credits.isAboveHigh()).toBe(true);
    expect(credits.excessFrames()).toBe(3); // of ten frames of 10 bytes, 75 bytes may stay
    for (let i = 0; i < 5; i++) credits.give(10);
    expect(credits.excessFrames()).toBe(0);
  });

  it('has room below half of both marks', () => {
    const credits = new Credits({ maxFrames: 4, maxBytes: 100 });
    credits.take(10);
    expect(credits.hasRoom()).toBe(true);
    credits.take(10);
    expect(credits.hasRoom()).toBe(false);
    credits.give(10);
    credits.give(10);
    credits.take(50);
    expect(credits.hasRoom()).toBe(false);
  });

  it('holds what a frame takes decoded from the start', () => {
    const credits = new Credits({ maxFrames: 10, maxBytes: 100, decodedBytes: 40 });
    credits.take(10);
    expect([credits.heldBytes, credits.isAboveHigh()]).toEqual([50, false]);
    credits.take(10);
    expect(credits.isAboveHigh()).toBe(true);
    credits.give(10);
    credits.give(10);
    expect(credits.heldBytes).toBe(0);
  });
});
