// A program that takes its time to end in order after the first signal, as `npm run services` does.
import { setTimeout as pause } from 'node:timers/promises';
import { untilSignal } from '../../src/cli/until-signal.ts';

// With it comes signal-exit, which ends the process at a signal that nobody else listens to any more.
const loading = import('testcontainers');

const { signal } = untilSignal(['SIGINT', 'SIGTERM', 'SIGHUP']);
const keepAlive = setInterval(() => {}, 1000);
const endMs = Number(process.argv[2]);
signal.addEventListener('abort', async () => {
  console.error('stopping');
  await pause(endMs);
  console.error('stopped');
  clearInterval(keepAlive);
});
await loading;
console.error('ready');
