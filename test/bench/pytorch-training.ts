// The other side of the training benchmark: pytorch_training.py as a process that waits for its rounds, one JSON document a line each way.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { AnytimeError, messageOf } from '../../src/errors.ts';
import type { StepMs, StepSettings } from './training-step.ts';

const SCRIPT = fileURLToPath(new URL('./pytorch_training.py', import.meta.url));

export interface PyTorch {
  readonly version: string;
  /** Trained values of its network: the same as ours, or it is another network. */
  readonly parameters: number;
  /** Runs so many steps; the times of each. */
  round(steps: number): Promise<StepMs[]>;
  stop(): Promise<void>;
}

/** `python`: an interpreter that has PyTorch. Resolves when the network is built and warm. */
export async function startPyTorch(python: string, settings: StepSettings): Promise<PyTorch> {
  const refusal = (why: string) =>
    new AnytimeError(
      'engine-unavailable',
      `Expected \`--pytorch\` to be a Python with PyTorch, got ${JSON.stringify(python)}: ${why}`,
    );
  const child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  const failed = once(child, 'error').then(([error]) => {
    throw refusal(messageOf(error));
  });
  failed.catch(() => {}); // told by whichever line is waited for
  const closed = once(child, 'close');
  closed.catch(() => {}); // it rejects with the same error
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (question: object) => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const line = await Promise.race([lines.next(), failed]);
    if (line.done === true) throw refusal('it ended without an answer, its message is above');
    return JSON.parse(line.value) as unknown;
  };
  child.stdin.on('error', () => {}); // the process ended: the line that is waited for tells
  const ready = (await ask(settings)) as { version: string; parameters: number };
  return {
    ...ready,
    round: async (steps) => (await ask({ steps })) as StepMs[],
    stop: async () => {
      child.stdin.end();
      await closed;
    },
  };
}
