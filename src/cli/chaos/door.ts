// A door between clients and a server: it can be shut, cut what is open, hold bytes back, and let them through slowly. What goes
// through goes in order and whole; only cut connections lose bytes, as in life.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export class Door {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #isShut = false;
  #delayMs = 0;
  #port = 0;

  constructor(targetPort: number) {
    this.#target = { host: '127.0.0.1', port: targetPort };
  }

  get port(): number {
    return this.#port;
  }

  /** Listens on a port of its own, or on `port` where that is given, until `close`. */
  async open(port = 0): Promise<void> {
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => this.#accept(client));
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Every connection is cut; new ones are ended at once for `ms`. */
  async cut(ms: number): Promise<void> {
    this.#isShut = true;
    for (const socket of this.#sockets) socket.destroy();
    await pause(ms);
    this.#isShut = false;
  }

  /** Every piece of up to 64 KiB waits so long behind the one before it, in each direction of each connection. 0 = at once. */
  slow(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    server.close();
    await once(server, 'close');
  }

  #accept(client: Socket): void {
    if (this.#isShut) {
      client.on('error', () => {});
      client.destroy();
      return;
    }
    const server = connect({ ...this.#target, noDelay: true, allowHalfOpen: true });
    this.#carry(client, server);
    this.#carry(server, client);
  }

  #carry(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    let carried: Promise<void> | null = null;
    let waiting = 0;
    const write = (chunk: Buffer) => {
      if (to.destroyed || to.write(chunk)) return;
      from.pause();
      to.once('drain', () => from.resume());
    };
    from.on('data', (chunk) => {
      if (waiting === 0 && this.#delayMs === 0) return write(chunk);
      waiting += 1;
      const before = carried ?? Promise.resolve();
      carried = before
        .then(() => (this.#delayMs > 0 ? pause(this.#delayMs) : undefined))
        .then(() => {
          waiting -= 1;
          write(chunk);
        });
    });
    from.on('error', () => {}); // the other side tells
    from.on('end', () => void (carried ?? Promise.resolve()).then(() => to.end()));
    from.on('close', () => {
      this.#sockets.delete(from);
      if (!from.readableEnded) to.destroy(); // it broke: what ended in order may still be answered
    });
  }
}
