// A server as a child process that never outlives this one, however this one ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs between us and the server: kills it when our end of the pipe closes (we stopped it, exited, or were killed), and
 * takes the server's folder along. It ignores the terminal's Ctrl-C: the order comes through the pipe.
 */
const KEEPER = `
const { spawn } = require('node:child_process');
const { rmSync } = require('node:fs');
const [folder, keepsFolder, command, ...args] = process.argv.slice(1);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
const server = spawn(command, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
let ended = false;
const end = (code) => {
  if (ended) return;
  ended = true;
  if (keepsFolder !== 'true') rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(code);
};
server.on('error', (error) => { console.error(error.message); end(127); });
server.on('exit', (code) => end(code ?? 1));
process.stdin.resume();
process.stdin.on('end', () => server.kill('SIGKILL'));
process.stdin.on('error', () => server.kill('SIGKILL'));
`;

export interface Child {
  /** What it wrote last, for the message when it fails. */
  tail(): string;
  readonly hasExited: boolean;
  /** Ends it at once (it keeps nothing worth a goodbye) and resolves when it is gone. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts `command` in `folder`, which is its own: the folder is deleted when the server is gone, unless `keepsFolder`, for a
 * server that will be started again on what it left.
 */
export function startChild(folder: string, command: string, args: readonly string[], keepsFolder = false): Child {
  const keeper: ChildProcess = spawn(process.execPath, ['-e', KEEPER, folder, String(keepsFolder), command, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true, // out of the terminal's process group: Ctrl-C is for us to handle
  });
  const gone = once(keeper, 'exit');
  let output = '';
  const listen = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  };
  keeper.stdout?.on('data', listen);
  keeper.stderr?.on('data', listen);
  keeper.stdin?.on('error', () => {}); // it is gone already
  return {
    tail: () => output.trim(),
    get hasExited() {
      return keeper.exitCode !== null || keeper.signalCode !== null;
    },
    async stop() {
      keeper.stdin?.end();
      await gone;
    },
  };
}
