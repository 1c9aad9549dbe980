// `anytime worker`, `send`, `watch`, `doctor` and `npm run e2e` on real Kafka and Redis, as processes.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { E2eDocument } from '../../src/cli/e2e/run-e2e.ts';
import type { RunDocument } from '../../src/evaluation/run-document.ts';
import { lastJson, runCli, startCli } from '../helpers/run-cli.ts';
import { realServers } from '../helpers/servers/servers.ts';
import { useTinyBundle } from '../helpers/tiny-bundle.ts';

const FRAMES = 'models/glyphs/test-frames.tar';
const LIMIT_MS = 120_000;

const servers = await realServers();
const bundle = useTinyBundle();

describe.skipIf(servers === null)('on real Kafka and Redis', () => {
  const kafka = ['--kafka-brokers', servers?.kafkaBrokers.join(',') ?? ''];
  const redis = ['--redis-url', servers?.redisUrl ?? ''];

  it('worker, send, watch: every frame sent is watched to its end; SIGTERM drains', { timeout: LIMIT_MS }, async () => {
    const name = `cli-${randomUUID().slice(0, 8)}`;
    const results = ['--coarse-topic', `${name}.coarse`, '--refined-topic', `${name}.refined`];
    const topics = ['--frames-topic', name, ...results, '--dead-letter-topic', `${name}.dlq`];
    const own = ['--group', name, '--redis-prefix', name, '--model', bundle.folder, '--backend', 'wasm'];
    const worker = startCli('anytime.ts', ['worker', ...kafka, ...redis, ...topics, ...own, '--create-topics', '2']);
    await worker.said('"event":"started"');
    const watchFlags = ['--from-beginning', '--until-final', '60', '--json'];
    const watch = startCli('anytime.ts', ['watch', ...kafka, ...topics, ...watchFlags]);
    await watch.said(`Waiting for answers on ${name}.coarse, ${name}.refined, ${name}.dlq …`);
    const send = await runCli(
      'anytime.ts',
      'send',
      FRAMES,
      ...kafka,
      '--topic',
      name,
      '--limit',
      '60',
      '--deadline-ms',
      '60000',
      '--json',
    );
    expect(lastJson(send)).toMatchObject({ frames: 60, topic: name });
    const watched = await watch.done;
    expect(watched.code, watched.stderr).toBe(0);
    expect(lastJson<RunDocument>(watched)).toMatchObject({ frames: 60, coarse: 60, final: 60, lost: 0, expired: 0 });
    expect(watched.stderr).toMatch(/final: (confident|full-depth), \d\.\d\d passes/);
    const doctor = await runCli(
      'anytime.ts',
      'doctor',
      ...kafka,
      ...redis,
      ...topics,
      '--model',
      bundle.folder,
      '--json',
    );
    expect(doctor.code, doctor.stderr).toBe(0);
    worker.child.kill('SIGTERM');
    const { code, stderr } = await worker.done;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('"event":"drained"');
  });

  it('worker: topics that are missing are told, and it ends with 1', { timeout: LIMIT_MS }, async () => {
    const { code, stderr } = await runCli(
      'anytime.ts',
      'worker',
      ...kafka,
      ...redis,
      '--frames-topic',
      randomUUID(),
      '--model',
      bundle.folder,
      '--backend',
      'wasm',
    );
    expect(code).toBe(1);
    expect(stderr).toContain('--create-topics');
  });

  it('e2e: two workers, every frame with one first and one final answer', { timeout: LIMIT_MS }, async () => {
    const flags = ['--model', bundle.folder, '--backend', 'wasm', '--workers', '2', '--rate', '60', '--limit', '150'];
    const run = await runCli('e2e.ts', '--frames', FRAMES, ...kafka, ...redis, ...flags);
    expect(run.code, run.stderr).toBe(0);
    const document = lastJson<E2eDocument>(run);
    expect(document).toMatchObject({ frames: 150, coarse: 150, final: 150, lost: 0, duplicates: 0, isComplete: true });
    expect(document).toMatchObject({ meanDepth: 3, partitions: 4, capacityFramesPerSecond: null, missing: [] });
    expect(document.accuracy.unanswered).toBe(0);
    expect(document.workers).toHaveLength(2);
  });
});
