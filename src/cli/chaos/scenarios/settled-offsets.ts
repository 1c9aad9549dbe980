// What a group has settled on a topic, as its commits tell the broker: the offsets below the committed one, and those that the map beside it names.
import { readCommittedOffsets } from '../../../adapters/kafka/committed-offsets.ts';
import { settledBy } from '../../../core/offset-map.ts';
import type { ReceivedRecord } from '../../../ports.ts';

export type IsSettled = (record: Pick<ReceivedRecord, 'partition' | 'offset'>) => boolean;

const WITHIN_MS = 5000;

export async function settledOffsets(
  admin: Parameters<typeof readCommittedOffsets>[0],
  group: { readonly groupId: string; readonly topic: string },
): Promise<IsSettled> {
  const commits = await readCommittedOffsets(admin, { ...group, timeoutMs: WITHIN_MS, isWanted: () => true });
  const known = new Map([...commits].map(([partition, commit]) => [partition, settledBy(commit)] as const));
  return ({ partition, offset }) => known.get(partition)?.(offset) ?? false;
}
