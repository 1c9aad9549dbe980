// A door between a client and a server that a test can shut (connections refused) or freeze (bytes held back).
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class TcpProxy {
  readonly #target: { host: string; port: number };
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #isFrozen = false;
  port = 0;

  constructor(host: string, port: number) {
    this.#target = { host, port };
  }

  /** Opens on the port it had before, at first on any free one. */
  async open(): Promise<void> {
    this.#isFrozen = false;
    this.#server = createServer((client) => this.#accept(client));
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
  }

  /** Cuts every connection and refuses new ones. */
  async shut(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    server.close();
    await once(server, 'close');
  }

  /** Connections stay, bytes do not come through, in either direction, until `open` after `shut`. */
  freeze(): void {
    this.#isFrozen = true;
  }

  #accept(client: Socket): void {
    const server = connect(this.#target);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (chunk) => {
        if (!this.#isFrozen) to.write(chunk);
      });
      from.on('error', () => {}); // the other side tells
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
