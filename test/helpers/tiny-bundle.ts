// A small network with random weights on disk for the programs that a test file starts; it goes, with them, when the file is over.
import { afterAll, beforeAll } from 'vitest';
import { presetNetwork } from '../../src/training/presets.ts';
import { randomBundle } from './random-bundle.ts';
import { killOpenClis } from './run-cli.ts';
import { type TemporaryBundle, writeTemporaryBundle } from './temporary-bundle.ts';

/** `folder` is there once tests run. */
export function useTinyBundle(): { readonly folder: string } {
  let bundle: TemporaryBundle;
  beforeAll(async () => {
    bundle = await writeTemporaryBundle(randomBundle(presetNetwork('tiny'), 1, 32));
  });
  afterAll(async () => {
    killOpenClis();
    await bundle.remove();
  });
  return {
    get folder() {
      return bundle.folder;
    },
  };
}
