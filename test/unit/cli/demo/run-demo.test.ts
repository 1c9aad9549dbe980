// The demo's run, told to stop before it has sent anything.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DemoDisplay, runDemo } from '../../../../src/cli/demo/run-demo.ts';
import { framePool } from '../../../../src/cli/frame-pool.ts';
import { loadConfig } from '../../../../src/config.ts';
import { readModel } from '../../../../src/network/bundle.ts';
import { presetNetwork } from '../../../../src/training/presets.ts';
import { greyPng } from '../../../helpers/data-set-files.ts';
import { randomBundle } from '../../../helpers/random-bundle.ts';
import { type TemporaryBundle, writeTemporaryBundle } from '../../../helpers/temporary-bundle.ts';

let bundle: TemporaryBundle;
beforeAll(async () => {
  bundle = await writeTemporaryBundle(randomBundle(presetNetwork('tiny'), 1, 4));
});
afterAll(() => bundle.remove());

async function run(signal: AbortSignal, shown: Partial<DemoDisplay> = {}) {
  const said: string[] = [];
  const document = await runDemo(
    {
      config: loadConfig({ flags: { model: bundle.folder, backend: 'wasm', maxBatch: 1 }, environment: {} }),
      model: await readModel(bundle.folder),
      pool: framePool([{ id: 'a', label: null, bytes: await greyPng(1) }], 1),
      ...{ seconds: 1, rate: null, seed: 1, signal },
    },
    {
      ready: (...args) => {
        said.push('ready');
        shown.ready?.(...args);
      },
      phase: (name, rate) => {
        said.push(name);
        shown.phase?.(name, rate);
      },
      second: () => said.push('second'),
    },
  );
  return { document, said };
}

it('stopped in the warm-up, it sends and shows nothing', async () => {
  expect(await run(AbortSignal.abort())).toEqual({ document: null, said: [] });
});

it('stopped before its first frame, it goes through no phase', async () => {
  const stop = new AbortController();
  expect(await run(stop.signal, { ready: () => stop.abort() })).toEqual({ document: null, said: ['ready'] });
});

it('stopped in its first phase, it shows no other', async () => {
  const stop = new AbortController();
  const { said } = await run(stop.signal, { phase: () => stop.abort() });
  expect(said.filter((what) => what !== 'second')).toEqual(['ready', 'calm']);
});
