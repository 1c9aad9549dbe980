// Signals in a real process with signal-exit in it, which ends a process at a signal that has no other listener left.
import { afterAll, expect, it } from 'vitest';
import { killOpenClis, startCli } from '../../helpers/run-cli.ts';

const PROGRAM = '../../test/helpers/signalled-process.ts';
afterAll(killOpenClis);

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s once: it ends in order', async (name) => {
  const { child, said, done } = startCli(PROGRAM, ['200']);
  await said('ready');
  child.kill(name);
  const { code, stderr } = await done;
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'ready\nstopping\nstopped\n' });
});

it('twice: it ends at once with 130', async () => {
  const { child, said, done } = startCli(PROGRAM, ['60000']);
  await said('ready');
  child.kill('SIGINT');
  await said('stopping');
  child.kill('SIGTERM');
  const { code, stderr } = await done;
  expect({ code, stderr }).toEqual({ code: 130, stderr: 'ready\nstopping\n' });
});
