// The checkpoint in the folder of a run, which belongs to one training at a time: two would take turns at overwriting each other's.
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AnytimeError } from '../errors.ts';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from '../network/checkpoint.ts';

export const CHECKPOINT_FILE = 'checkpoint.bin';

export interface RunFolder {
  /** Of the checkpoint. */
  readonly path: string;
  /** What lay there to go on from; null where there is none, or it is not wanted. */
  readonly stored: Checkpoint | null;
  /** Errors: cannot-write where somebody else has written the checkpoint since this training read or wrote it. */
  expectOwn(): Promise<void>;
  /** Errors: as `expectOwn`, then nothing is written; those of `writeCheckpoint`. */
  write(checkpoint: Checkpoint): Promise<void>;
}

/** Made when missing. Errors: those of `readCheckpoint`. */
export async function openRunFolder(folder: string, resume: boolean): Promise<RunFolder> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, CHECKPOINT_FILE);
  let known = await stateOf(path);
  const stored = resume && known !== null ? await readCheckpoint(path) : null;
  const expectOwn = async () => {
    const now = await stateOf(path);
    if (now === null || now === known) return; // one that was removed is nobody's
    throw new AnytimeError(
      'cannot-write',
      `Expected nobody else to write ${path} while this training runs, got a file that is not its own: give each training a folder of its own (\`--out\`, \`--name\`)`,
    );
  };
  return {
    path,
    stored,
    expectOwn,
    write: async (checkpoint) => {
      await expectOwn();
      await writeCheckpoint(path, checkpoint);
      known = await stateOf(path);
    },
  };
}

/** Tells one state of a file from any other; null where there is none. */
async function stateOf(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  return found === null ? null : `${found.size} ${found.mtimeMs}`;
}
