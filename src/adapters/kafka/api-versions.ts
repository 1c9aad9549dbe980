// The ApiVersions request (Kafka protocol, key 18, version 0) by hand: kafkajs asks it but shows nobody the answer.
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { within } from './broker-error.ts';

export type ApiVersions = ReadonlyMap<number, { readonly min: number; readonly max: number }>;

const TIMEOUT_MS = 3000;
const CORRELATION_ID = 1;

/** Request key → versions that the broker at `address` (host:port) offers. Rejects when it does not answer. */
export async function readApiVersions(address: string, ssl?: boolean | ConnectionOptions): Promise<ApiVersions> {
  const { hostname: host, port } = new URL(`kafka://${address}`);
  const at = { host: host.replace(/^\[|\]$/g, ''), port: Number(port || 9092) };
  const socket = ssl ? connectTls({ ...at, ...(ssl === true ? {} : ssl) }) : connect(at);
  try {
    return parse(await within(TIMEOUT_MS, `an answer of ${address}`, ask(socket)));
  } finally {
    socket.destroy();
  }
}

/** Sends the request and gives the response without its length. */
async function ask(socket: Socket): Promise<Buffer> {
  const clientId = Buffer.from('anytime-doctor');
  const request = Buffer.alloc(14 + clientId.length);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(18, 4); // ApiVersions
  request.writeInt16BE(0, 6); // version
  request.writeInt32BE(CORRELATION_ID, 8);
  request.writeInt16BE(clientId.length, 12);
  clientId.copy(request, 14);
  socket.write(request);
  let bytes = Buffer.alloc(0);
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) return bytes.subarray(4);
  }
  throw new Error(`The connection was closed after ${bytes.length} bytes`);
}

/** correlation id (int32), error (int16), array of key, min, max (int16 each). */
function parse(bytes: Buffer): ApiVersions {
  const count = bytes.readInt32BE(6);
  const entries = Array.from({ length: count }, (_, index) => {
    const at = 10 + index * 6;
    return [bytes.readInt16BE(at), { min: bytes.readInt16BE(at + 2), max: bytes.readInt16BE(at + 4) }] as const;
  });
  return new Map(entries);
}
