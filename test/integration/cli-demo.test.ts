// `anytime demo` and `doctor` as processes: the whole way of a frame in one process, and its ends.
import { expect, it } from 'vitest';
import type { DemoDocument } from '../../src/cli/demo/run-demo.ts';
import { lastJson, runCli, startCli } from '../helpers/run-cli.ts';
import { useTinyBundle } from '../helpers/tiny-bundle.ts';

const bundle = useTinyBundle();

it('demo: every frame gets a first and a final answer, stdout is one document', async () => {
  const flags = ['--model', bundle.folder, '--backend', 'wasm', '--rate', '40', '--seconds', '3', '--json'];
  const run = await runCli('anytime.ts', 'demo', ...flags, '--deadline-ms', 'none', '--min-confidence', '1');
  expect(run.code, run.stderr).toBe(0);
  expect(run.stdout.trim().split('\n')).toHaveLength(1);
  const document = lastJson<DemoDocument>(run);
  expect(document.frames).toBeGreaterThan(80);
  expect(document).toMatchObject({
    coarse: document.frames,
    final: document.frames,
    lost: 0,
    duplicates: 0,
    expired: 0,
  });
  expect(document.exits).toMatchObject({ 'full-depth': document.frames });
  expect(document.meanDepth).toBe(3);
  expect(document.firstResultMs.p50).toBeLessThanOrEqual(document.finalMs.p50 ?? 0);
  expect(document.engine).toMatch(/^wasm/);
  expect(run.stderr).toMatch(/frame .*: \S+ 0\.\d\d → /);
  expect(run.stderr).toContain('why frames ended');
});

it('demo: Ctrl-C ends it in order, with the summary so far', async () => {
  const flags = ['--model', bundle.folder, '--backend', 'wasm', '--rate', '40', '--seconds', '60', '--json'];
  const { child, said, done } = startCli('anytime.ts', ['demo', ...flags]);
  await said('which was asked for');
  child.kill('SIGINT');
  const run = await done;
  expect(run.code).toBe(130);
  expect(lastJson<DemoDocument>(run).lost).toBe(0);
});

it('demo: a reader that stops reading ends it quietly', async () => {
  const flags = ['--model', bundle.folder, '--backend', 'wasm', '--rate', '40', '--seconds', '30'];
  const { child, done } = startCli('anytime.ts', ['demo', ...flags]);
  child.stdout?.once('data', () => child.stdout?.destroy());
  const { code, stderr } = await done;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

it('demo: a bundle that is none is one line and exit code 1', async () => {
  const { code, stderr } = await runCli('anytime.ts', 'demo', '--model', 'nowhere');
  expect(code).toBe(1);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(/nowhere.*Expected a readable file of a bundle/);
});

it('doctor: names what is missing, what to do, and fails', async () => {
  const away = ['--kafka-brokers', '127.0.0.1:1', '--redis-url', 'redis://127.0.0.1:1'];
  const run = await runCli('anytime.ts', 'doctor', '--model', bundle.folder, ...away, '--json');
  expect(run.code).toBe(1);
  const { ok, checks } = lastJson<{ ok: boolean; checks: { name: string; state: string; advice: string | null }[] }>(
    run,
  );
  expect(ok).toBe(false);
  const states = Object.fromEntries(checks.map(({ name, state }) => [name, state]));
  expect(states).toMatchObject({ Node: 'ok', 'engine wasm': 'ok', bundle: 'ok', Kafka: 'fail', Redis: 'warn' });
  expect(checks.filter(({ state }) => state !== 'ok').every(({ advice }) => advice !== null)).toBe(true);
});
