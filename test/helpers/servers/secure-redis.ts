// A Redis that speaks TLS only and knows the users of an ACL file only.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from '../../../src/adapters/system/services/child.ts';
import { freePort } from '../../../src/adapters/system/services/ports.ts';
import type { CertificateFiles } from './certificates.ts';

/** `acl`: the lines of the ACL file. Starts the server and returns at once. */
export async function startSecureRedis(
  binary: string,
  { serverCert, serverKey, ca }: CertificateFiles,
  acl: string,
): Promise<{ child: Child; port: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'anytime-secure-redis-'));
  const port = await freePort(0, 'Redis over TLS');
  await writeFile(join(folder, 'users.acl'), acl, { mode: 0o600 });
  const args = {
    port: '0',
    'tls-port': String(port),
    bind: '127.0.0.1',
    'tls-cert-file': serverCert,
    'tls-key-file': serverKey,
    'tls-ca-cert-file': ca,
    'tls-auth-clients': 'optional',
    aclfile: join(folder, 'users.acl'),
    save: '',
    appendonly: 'no',
    dir: folder,
  };
  const child = startChild(
    folder,
    binary,
    Object.entries(args).flatMap(([name, value]) => [`--${name}`, value]),
  );
  return { child, port };
}
