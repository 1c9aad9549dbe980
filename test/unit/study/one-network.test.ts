// The curve of one network, from what the study keeps of it: how much worse it is than OPT, seed by seed.
import { expect, it } from 'vitest';
import { oneNetwork } from '../../../src/study/one-network.ts';
import { spreadOf } from '../../../src/study/relative-increase.ts';
import type { StudyDocument } from '../../../src/study/study-document.ts';

const spread = (...values: number[]) => spreadOf(values) as NonNullable<ReturnType<typeof spreadOf>>;
const opt = [
  { macs: 100, accuracy: 0.55, spread: spread(0.5, 0.6) },
  { macs: 200, accuracy: 0.8, spread: spread(0.8, 0.8) },
];
const weightings = [
  { weights: 'const', oscillate: false, increase: [spread(1, 1), spread(1, 1)], meanIncrease: 1 },
  { weights: 'linear', oscillate: false, increase: [spread(0.2, 0), spread(0.1, 0.3)], meanIncrease: 0.15 },
];
const winner = { weights: 'linear', oscillate: false } as StudyDocument['winner'];

it('is the error of the weighting that won, mean over seeds', () => {
  // seed by seed: 0.5·1.2 and 0.4·1; 0.2·1.1 and 0.2·1.3
  const points = oneNetwork({ opt, weightings, winner });
  expect(points.map(({ cost }) => cost)).toEqual([100, 200]);
  expect(points[0]?.error).toBeCloseTo(0.5, 12);
  expect(points[1]?.error).toBeCloseTo(0.24, 12);
});

it('leaves out what was not trained', () => {
  expect(oneNetwork({ opt, weightings, winner: null })).toEqual([]);
  const partly = weightings.map((own) => ({ ...own, increase: [null, spread(0.1, 0.3)] }));
  expect(oneNetwork({ opt, weightings: partly, winner })).toHaveLength(1);
  expect(oneNetwork({ opt: opt.slice(0, 1), weightings, winner })).toEqual([]);
});
