// Whose dead letter a record is: the frame's own id where the worker takes it, else where its record lay.
import { ERROR_HEADERS, headerText } from '../core/envelope.ts';
import { isFrameId } from '../core/frame-spec.ts';
import type { ReceivedRecord } from '../ports.ts';

/** The id that the frame's result records carry. */
export function frameIdOf({ headers, topic, partition, offset }: ReceivedRecord): string {
  const id = headerText(headers, 'ce_id');
  if (id !== null && isFrameId(id)) return id;
  const from = (name: string, otherwise: string) => headerText(headers, name) ?? otherwise;
  const { topic: t, partition: p, offset: o } = ERROR_HEADERS;
  return `${from(t, topic)}-${from(p, String(partition))}-${from(o, String(offset))}`;
}
