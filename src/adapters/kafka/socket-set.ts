// The sockets of one kafkajs client, to be reset when it is given up. An ended or destroyed socket still delivers what the kernel holds for it,
// once the way to its broker is free again, be it minutes later; a reset throws that away.
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import type { ISocketFactory, ISocketFactoryArgs } from 'kafkajs';

interface TcpHandle {
  readonly fd: number;
  close(done?: () => void): unknown;
  /** Where libuv refuses it (shutting down, no descriptor yet) the handle can never be closed again, and its process not end. */
  reset?(done?: () => void): number;
}

/** Node shows it to nobody: of a TLS socket, which has no `resetAndDestroy` (ERR_INVALID_HANDLE_TYPE), it lies below its own. */
interface WithHandle {
  readonly _handle?: (TcpHandle & { readonly _parent?: TcpHandle }) | null;
}

export class SocketSet {
  readonly #open = new Set<Socket>();
  #isReset = false;

  /** Makes sockets by `make` (kafkajs' own way unless given) and remembers them until they are closed. */
  factory(make: ISocketFactory = kafkajsFactory()): ISocketFactory {
    return (args: ISocketFactoryArgs) => {
      const socket = make(args);
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
      if (this.#isReset) setImmediate(() => reset(socket)); // by then its listeners are there to be told
      return socket;
    };
  }

  /** All of them, and those that are made from now on: what their peers have not been sent yet they never get. */
  reset(): void {
    this.#isReset = true;
    for (const socket of this.#open) reset(socket);
  }
}

function reset(socket: Socket): void {
  if (isShuttingDown(socket)) {
    socket.once('finish', () => reset(socket)); // with the event loop's next turn, whatever the peer does
    return;
  }
  const tcp = tcpOf(socket);
  if (tcp?.reset && tcp.fd >= 0 && !socket.connecting) tcp.close = tcp.reset;
  // With an error, so that kafkajs rejects what waits for an answer on it.
  socket.destroy(new Error('reset: the connection is given up'));
}

function isShuttingDown({ connecting, writableEnded, writableFinished, writableLength, destroyed }: Socket): boolean {
  return writableEnded && !writableFinished && writableLength === 0 && !connecting && !destroyed;
}

function tcpOf(socket: Socket): TcpHandle | null | undefined {
  const { _handle: handle } = socket as unknown as WithHandle;
  return handle?._parent ?? handle;
}

function kafkajsFactory(): ISocketFactory {
  const create = createRequire(import.meta.url)('kafkajs/src/network/socketFactory') as () => ISocketFactory;
  return create();
}
