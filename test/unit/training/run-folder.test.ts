// The checkpoint of a run belongs to one training at a time.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readCheckpoint } from '../../../src/network/checkpoint.ts';
import { openRunFolder } from '../../../src/training/run-folder.ts';
import { scratchFolder } from '../../helpers/data-set-files.ts';

const of = (state: unknown) => ({ state, tensors: new Map() });

it('hands out what was written, where it is to go on from it', async () => {
  const path = join(await scratchFolder(), 'runs', 'one');
  const first = await openRunFolder(path, true);
  expect(first.stored).toBeNull();
  await first.write(of('a'));
  await first.write(of('b'));
  expect((await openRunFolder(path, true)).stored).toEqual(of('b'));
  expect((await openRunFolder(path, false)).stored).toBeNull();
});

it.each([
  ['that began as it did', 'nothing'],
  ['that goes on from the same checkpoint', 'old'],
])('lets no training write over what another has written since, one %s', async (_, before) => {
  const folder = await scratchFolder();
  if (before !== 'nothing') await (await openRunFolder(folder, true)).write(of(before));
  const [one, other] = [await openRunFolder(folder, true), await openRunFolder(folder, true)];
  await one.write(of('of one'));
  const written = await readFile(one.path);
  for (const act of [() => other.expectOwn(), () => other.write(of('of the other'))])
    await expect(act()).rejects.toMatchObject({
      code: 'cannot-write',
      message: expect.stringMatching(/Expected nobody else to write .*checkpoint\.bin.*a folder of its own/),
    });
  expect(await readFile(one.path)).toEqual(written);
  await one.write(of('of one again'));
});

it("writes a checkpoint anew that was removed meanwhile: it is nobody's", async () => {
  const run = await openRunFolder(await scratchFolder(), true);
  await run.write(of('a'));
  await rm(run.path);
  await run.write(of('b'));
  expect((await readCheckpoint(run.path)).state).toBe('b');
});
