// The time of the heads, measured once in the life of a study's folder.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type HeadTime, HeadTimeSchema, measureHeadTime } from '../evaluation/head-time.ts';
import type { Network } from '../network/config.ts';
import { loadNative } from '../network/tensorflow-native.ts';
import { writeWhole } from '../network/write-whole.ts';
import { storedJson } from './stored-json.ts';

/** On the engine that the study trains with. Errors: engine-unavailable. */
export async function keptHeadTime(folder: string, network: Network, classes: number): Promise<HeadTime> {
  const path = join(folder, 'head-time.json');
  const kept = HeadTimeSchema.safeParse(await storedJson(path)).data;
  if (kept !== undefined && kept.network === network.name && kept.classes === classes) return kept;
  await loadNative();
  const measured = measureHeadTime(network, classes);
  await mkdir(folder, { recursive: true });
  await writeWhole(path, `${JSON.stringify(measured, null, 2)}\n`);
  return measured;
}
