// What the heads cost in time: rounds alternate, medians are of pairs, and nothing stays behind on the backend.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { openBackend } from '../../../src/adapters/tfjs/backend.ts';
import { alternate, HeadTimeSchema, measureHeadTime } from '../../../src/evaluation/head-time.ts';
import { EVERY_KIND } from '../../helpers/random-bundle.ts';

describe('alternate', () => {
  it('times both in every round, in turns first, and forgets the first rounds', () => {
    let time = 0;
    const order: string[] = [];
    const run = (name: string, ms: number) => () => {
      order.push(name);
      time += ms + order.length / 1000;
    };
    const rounds = alternate(
      { all: run('all', 12), last: run('last', 10) },
      { rounds: 2, warmUps: 1, now: () => time },
    );
    expect(order).toEqual(['all', 'last', 'last', 'all', 'all', 'last']);
    expect(rounds.map(({ all, last }) => [all.toFixed(3), last.toFixed(3)])).toEqual([
      ['12.004', '10.003'],
      ['12.005', '10.006'],
    ]);
  });
});

describe('measureHeadTime', () => {
  it('takes medians of pairs of one round', async () => {
    await openBackend('wasm');
    const before = tf.memory().numTensors;
    // A clock by which the passes take, in order: all 3, last 2; last 4, all 8; all 30, last 20.
    const readings = [0, 3, 3, 5, 5, 9, 9, 17, 17, 47, 47, 67];
    const now = () => readings.shift() ?? Number.NaN;
    const time = measureHeadTime(EVERY_KIND, 4, { batch: 2, rounds: 3, warmUps: 0, now });
    expect(time).toMatchObject({ engine: 'wasm', network: 'every-kind', classes: 4, batch: 2, rounds: 3 });
    expect(time).toMatchObject({ allHeadsMs: 8, lastHeadMs: 4, extraMs: 4, ratio: 1.5 });
    expect(readings).toEqual([]);
    expect(HeadTimeSchema.parse(time)).toEqual(time);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('reads the scores of all five heads, then of the last alone', async () => {
    await openBackend('wasm');
    const reads = vi.spyOn(tf.Tensor.prototype, 'dataSync');
    const readSoFar: number[] = [];
    const now = () => {
      readSoFar.push(reads.mock.calls.length);
      return 0;
    };
    measureHeadTime(EVERY_KIND, 4, { batch: 2, rounds: 1, warmUps: 0, now });
    reads.mockRestore();
    expect(readSoFar).toEqual([0, 5, 5, 6]);
  });
});
