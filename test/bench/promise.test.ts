// What the benchmark counts: splits whose threshold loses more than promised on the frames that took no part.
import { expect, it } from 'vitest';
import { StageTable } from '../../src/core/stage-table.ts';
import { random } from '../../src/training/random.ts';
import { keptOver } from './promise.ts';

const table = new StageTable(
  [0.25, 1],
  [
    { accuracy: 0.7, buckets: [] },
    { accuracy: 0.9, buckets: [] },
  ],
  [1],
);
const FRAMES = 3000;

/** Exit 1 is right as often as it is confident, exit 2 always. */
function drawn() {
  const source = random(1, 'promise-test');
  const confidences = Float32Array.from({ length: FRAMES }, () => source.next());
  const early = Uint16Array.from(confidences, (confidence) => (source.next() < confidence ? 1 : 0));
  const [sure, right] = [new Float32Array(FRAMES).fill(1), new Uint16Array(FRAMES).fill(1)];
  const answers = [
    { classes: early, confidences },
    { classes: right, confidences: sure },
  ];
  return { answers, labels: right };
}

const promised = (how: { epsilon: number; delta: number; calibration: number; splits: number }) => {
  const { answers, labels } = drawn();
  return keptOver(answers, labels, table, { ...how, seed: 1 });
};

it('is kept on the other frames, and saves cost', () => {
  const outcome = promised({ epsilon: 0.05, delta: 0.1, calibration: 500, splits: 60 });
  expect(outcome.promised).toBe(60);
  expect(outcome.brokenShare).toBeLessThanOrEqual(0.1);
  expect(outcome.meanPasses).toBeLessThan(0.9);
  expect(outcome.lost?.median).toBeGreaterThan(0);
});

it('counts a broken one: with chance on its side half the splits lose more than epsilon', () => {
  const careless = promised({ epsilon: 0.05, delta: 0.9, calibration: 500, splits: 60 });
  expect(careless.brokenShare).toBeGreaterThan(0.2);
  expect(careless.broken).toBe(Math.round(careless.brokenShare * 60));
});

it('says where nothing could be promised', () => {
  const outcome = promised({ epsilon: 0.001, delta: 0.05, calibration: 50, splits: 3 });
  expect(outcome).toMatchObject({ promised: 0, broken: 0, lost: null, meanPasses: null });
});
