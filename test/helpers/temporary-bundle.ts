// A bundle on disk for the tests of a file: random weights, removed by who made it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bundle, writeBundle } from '../../src/network/bundle.ts';

export interface TemporaryBundle {
  readonly folder: string;
  remove(): Promise<void>;
}

export async function writeTemporaryBundle({ model, tensors }: Bundle): Promise<TemporaryBundle> {
  const folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  await writeBundle(folder, model, tensors, '# Random weights\n', 'float32');
  return { folder, remove: () => rm(folder, { recursive: true }) };
}
