// The doors of a chaos run in a process of their own: what the chaos program itself is busy with must not slow the workers' way.
// Told by its parent (DoorOrder), answers each order with its number when it is carried out; ends when the parent is gone.
import { Door } from './door.ts';

export type DoorOrder =
  | { readonly number: number; readonly door: string; readonly what: 'open'; readonly port: number }
  | { readonly number: number; readonly door: string; readonly what: 'cut' | 'slow'; readonly ms: number };

export interface DoorAnswer {
  readonly number: number;
  /** Where the door is. */
  readonly port: number;
}

const doors = new Map<string, Door>();

async function obey(order: DoorOrder): Promise<void> {
  const door = order.what === 'open' ? new Door(order.port) : doors.get(order.door);
  if (door === undefined) return;
  if (order.what === 'open') {
    doors.set(order.door, door);
    await door.open();
  } else if (order.what === 'cut') await door.cut(order.ms);
  else door.slow(order.ms);
  process.send?.({ number: order.number, port: door.port } satisfies DoorAnswer);
}

process.on('message', (order) => void obey(order as DoorOrder));
process.once('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {}); // the parent tells when
