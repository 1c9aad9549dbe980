// Programs of the command line as processes of their own, the way people start them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliProcess {
  readonly child: ChildProcess;
  readonly done: Promise<CliRun>;
  /** Resolves when stderr has had this text; rejects when the program ends before. */
  said(wanted: string): Promise<void>;
}

const open = new Set<ChildProcess>();

/** Starts src/cli/<file>; settings of this machine's environment do not reach it, those given here do. */
export function startCli(
  file: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): CliProcess {
  const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('ANYTIME_'));
  const child = spawn(process.execPath, ['--import', 'tsx', `src/cli/${file}`, ...args], {
    env: { ...Object.fromEntries(environment), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  open.add(child);
  let heard = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
  });
  const exited = once(child, 'close').then(([code]) => code as number | null);
  const stdout = child.stdout === null ? Promise.resolve('') : text(child.stdout).catch(() => '');
  const done = (async () => {
    const code = await exited;
    open.delete(child);
    return { code, stdout: await stdout, stderr: heard };
  })();
  return {
    child,
    done,
    async said(wanted) {
      const listening = new AbortController();
      const found = new Promise<void>((resolve) => {
        const look = () => heard.includes(wanted) && resolve();
        child.stderr?.on('data', look);
        listening.signal.addEventListener('abort', () => child.stderr?.off('data', look));
        look();
      });
      const gone = exited.then((code) => {
        throw new Error(`Expected "${wanted}" to be said, got exit code ${code} and:\n${heard}`);
      });
      await Promise.race([found, gone]).finally(() => listening.abort());
    },
  };
}

export async function runCli(file: string, ...args: readonly string[]): Promise<CliRun> {
  return await startCli(file, args).done;
}

/** After a test that failed half-way: ends what it left running. */
export function killOpenClis(): void {
  for (const child of open) child.kill('SIGKILL');
}

/** The document on the last line of stdout. */
export function lastJson<T>({ stdout, stderr }: CliRun): T {
  const line = stdout.trim().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line) as T;
  } catch {
    throw new Error(`Expected the last line of stdout to be JSON, got "${line}"; stderr:\n${stderr}`);
  }
}
