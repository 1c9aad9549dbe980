// process.exit waits for every thread: one that hangs in native code (a stage run, a decode) would hold it for ever, and with it every timer
// that could still say so. Another process sees to the end.
import { spawn } from 'node:child_process';

/** What is left to an orderly exit, ms. */
const EXIT_MS = 1000;
/** Kills its parent unless that closes the pipe, by its end, before. */
const REAPER = `
  const [, parent, ms] = process.argv;
  const timer = setTimeout(() => process.kill(Number(parent), 'SIGKILL'), Number(ms));
  process.stdin.on('end', () => clearTimeout(timer)).on('error', () => {}).resume();
`;

/** Exits with `code` (undefined = process.exitCode), or is killed where that does not come to an end. */
export function exitOrBeKilled(code?: number): void {
  try {
    const argv = ['-e', REAPER, String(process.pid), String(EXIT_MS)];
    spawn(process.execPath, argv, { detached: true, env: {}, stdio: ['pipe', 'ignore', 'ignore'] })
      .on('error', () => {})
      .unref();
  } catch {
    // No process more may be had: then without it.
  }
  if (code === undefined)
    process.exit(); // given undefined it would forget process.exitCode
  else process.exit(code);
}
