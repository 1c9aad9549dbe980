// Garbage in the old generation goes before it is a multiple of what lives. In a process of its own: the flag is for all threads of one.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('../../../../src/adapters/system/tight-heap.ts', import.meta.url).href;

/** A thread with some 30 MB that live, in which objects grow old before they die; tells the most that its old generation held at once, MB. */
const THREAD = `
const { parentPort } = require('node:worker_threads');
const { getHeapSpaceStatistics } = require('node:v8');
const live = Array.from({ length: 200000 }, (_, i) => ({ i, name: 'n' + i }));
const ring = new Array(100000);
const oldMb = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space').space_used_size / 1e6;
let [made, most] = [0, 0];
while (made < 6e6) {
  for (let i = 0; i < 10000; i++) ring[made++ % ring.length] = { made, of: [made, made + 1] };
  most = Math.max(most, oldMb());
}
parentPort.postMessage({ most, live: live.length });
`;

async function mostMb(isTight: boolean): Promise<number> {
  const program = `
    import { Worker } from 'node:worker_threads';
    ${isTight ? `import { keepHeapsTight } from ${JSON.stringify(MODULE)}; keepHeapsTight();` : ''}
    new Worker(${JSON.stringify(THREAD)}, { eval: true, execArgv: [] }).once('message', ({ most }) => console.log(most));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    program,
  ]);
  return Number(stdout);
}

describe('keepHeapsTight', () => {
  it('keeps the old generation of a thread near what lives in it', async () => {
    const [tight, loose] = [await mostMb(true), await mostMb(false)];
    expect(tight).toBeGreaterThan(10);
    expect(tight).toBeLessThan(0.7 * loose);
  });
});
