// What a broker says of itself, as the doctor's lines.
import { expect, it } from 'vitest';
import { brokerChecks } from '../../../../src/cli/doctor/check-services.ts';
import { loadConfig } from '../../../../src/config.ts';

const config = loadConfig({ environment: {} });
const report = {
  clusterId: 'c',
  brokers: [{ id: 1, address: 'kafka:9092' }],
  apis: [{ name: 'Fetch', min: 4, max: 17, isUsable: true }],
  topics: ['frames', 'frames.coarse', 'frames.refined', 'frames.dlq'].map((name) => ({ name, partitions: 3 })),
};

it('is content with a broker that has all topics', () => {
  const checks = brokerChecks(report, config);
  expect(checks.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok']);
  expect(checks[2]?.found).toContain('frames.dlq (3)');
});

it('names missing topics and how to make them', () => {
  const [, , topics] = brokerChecks({ ...report, topics: [{ name: 'frames', partitions: 1 }] }, config);
  expect(topics).toMatchObject({ state: 'warn', found: 'missing: frames.coarse, frames.refined, frames.dlq' });
  expect(topics?.advice).toContain('--create-topics');
});

it('fails on a broker whose requests it cannot speak', () => {
  const apis = [{ name: 'Fetch', min: 20, max: 21, isUsable: false }];
  expect(brokerChecks({ ...report, apis }, config)[1]).toMatchObject({ state: 'fail', found: 'unusable: Fetch 20–21' });
});
