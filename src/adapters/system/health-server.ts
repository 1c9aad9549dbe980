// A small HTTP server that says how this worker is, for an orchestrator's probes: GET /healthz (must it be replaced?) and GET /readyz
// (does it take frames?), 200 or 503, both with the same JSON. It changes nothing and tells no setting.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Health, isAlive, isReady } from '../../core/health.ts';
import { AnytimeError, messageOf } from '../../errors.ts';

export interface HealthServer {
  /** As the system gave it, where 0 was asked for. */
  readonly port: number;
  stop(): Promise<void>;
}

/** What a probe may take to say what it wants, ms. */
const REQUEST_MS = 2000;
const MOST_CONNECTIONS = 32;

/** `address`: host:port, an IPv6 host in brackets. Errors: bad-argument where it cannot be listened on. */
export async function startHealthServer(address: string, health: () => Health): Promise<HealthServer> {
  const checks = new Map([
    ['/healthz', isAlive],
    ['/readyz', isReady],
  ]);
  const limits = { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, connectionsCheckingInterval: REQUEST_MS };
  const server = createServer(limits, (request, response) => {
    const now = health();
    const check = checks.get(request.url ?? '');
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const status = check === undefined ? 404 : !isRead ? 405 : check(now) ? 200 : 503;
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(
      `${JSON.stringify(status === 200 || status === 503 ? now : { expected: 'GET /healthz or /readyz' })}\n`,
    );
  });
  server.maxConnections = MOST_CONNECTIONS;
  try {
    const { hostname, port } = new URL(`http://${address}`);
    server.listen(Number(port || 80), hostname.replace(/^\[|\]$/g, ''));
    await once(server, 'listening');
  } catch (cause) {
    throw new AnytimeError('bad-argument', `Expected to listen on ${address} for probes, got: ${messageOf(cause)}`, {
      cause,
    });
  }
  server.on('error', () => {}); // a connection that cannot be taken is the prober's trouble
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
