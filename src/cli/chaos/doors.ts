// The chaos program's side of the doors: opens them in their process and passes orders on.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { DoorAnswer, DoorOrder } from './door-process.ts';

export interface RemoteDoor {
  readonly port: number;
  /** Cuts every connection and refuses new ones for so long; resolves when that is over. */
  cut(ms: number): Promise<void>;
  /** Holds every piece of bytes back for so long; 0 = no longer. */
  slow(ms: number): Promise<void>;
}

export interface Doors {
  /** A door before this port of this machine. */
  open(name: string, port: number): Promise<RemoteDoor>;
  stop(): Promise<void>;
}

type Unnumbered = DoorOrder extends infer Order ? (Order extends DoorOrder ? Omit<Order, 'number'> : never) : never;

export function startDoors(): Doors {
  const child = fork(join(import.meta.dirname, 'door-process.ts'), [], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached: true, // Ctrl-C is for us
  });
  const waiting = new Map<number, (answer: DoorAnswer) => void>();
  const gone = once(child, 'exit');
  let number = 0;
  child.on('message', (message) => {
    const answer = message as DoorAnswer;
    waiting.get(answer.number)?.(answer);
    waiting.delete(answer.number);
  });
  function order(what: Unnumbered): Promise<DoorAnswer> {
    number += 1;
    const numbered = { ...what, number } as DoorOrder;
    return new Promise((resolve) => {
      waiting.set(numbered.number, resolve);
      if (child.connected) child.send(numbered);
    });
  }
  return {
    async open(door, port) {
      const { port: at } = await order({ door, what: 'open', port });
      return {
        port: at,
        cut: async (ms) => void (await order({ door, what: 'cut', ms })),
        slow: async (ms) => void (await order({ door, what: 'slow', ms })),
      };
    },
    async stop() {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}
