// `npm run chaos`, small: two workers, one of which is killed while frames stream, and a frame that kills whoever works on it, as the system does
// where memory is exhausted. Every frame is accounted for.
// The program starts the servers that it may break by itself, from Java jars and redis-server, whatever the other tests use.
import { expect, it } from 'vitest';
import type { ChaosDocument } from '../../src/cli/chaos/run-chaos.ts';
import { lastJson, runCli } from '../helpers/run-cli.ts';
import { hasOwnPrograms } from '../helpers/servers/own-programs.ts';
import { useTinyBundle } from '../helpers/tiny-bundle.ts';

const FRAMES = 60;
const LIMIT_MS = 240_000;

const hasPrograms = await hasOwnPrograms();
const bundle = useTinyBundle();

it.skipIf(!hasPrograms)('accounts for every frame while a worker is killed', { timeout: LIMIT_MS }, async () => {
  const workers = ['--model', bundle.folder, '--backend', 'wasm', '--workers', '2', '--session-timeout-ms', '3000'];
  const stream = ['--frames', String(FRAMES), '--minutes', '0.1', '--seed', '1'];
  // With an engine's crash besides nothing is promised of duplicates: of so few frames a share says nothing.
  const faults = ['--faults', 'sigkill,engine-crash', '--every-ms', '2500'];
  const poisons = ['--poisons', 'not-an-image,kills-worker', '--poison-share', '0.03', '--poison-of-each', '1'];
  const run = await runCli('chaos.ts', ...workers, ...stream, ...faults, ...poisons);
  expect(run.code, run.stderr).toBe(0);
  expect(run.stdout.trim().split('\n')).toHaveLength(1);
  const count = expect.any(Number);
  const document = lastJson<ChaosDocument>(run);
  expect(document).toMatchObject({
    ...{ frames: FRAMES, final: FRAMES - document.deadLettered, lost: 0, regressions: 0, strangers: 0 },
    ...{ goodDeadLettered: 0, poisonousNotDeadLettered: 0, isPassed: true, seed: 1, workers: 2 },
    duplicates: { coarse: count, refined: count, final: count },
    duplicateShare: count,
    faults: { sigkill: 1, 'engine-crash': 1 },
    recoveryMs: { p50: count, p99: count },
    maxRssBytes: count,
  });
  expect(document.deadLettered).toBeGreaterThan(1);
  expect(document.poisonous).toEqual({ 'not-an-image': document.deadLettered - 1, 'kills-worker': 1 });
  // One that dies of it while it has other frames in hand, then those that try it alone.
  expect(document.fell).toBeGreaterThanOrEqual(3);
  expect(document.records).toBeGreaterThanOrEqual(FRAMES);
});
