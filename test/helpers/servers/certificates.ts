// Throw-away certificates for the secure test servers, made with openssl: one authority, the server's, one for each user.
import { execFile } from 'node:child_process';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface CertificateFiles {
  readonly ca: string;
  /** An authority that signed nothing here. */
  readonly strangerCa: string;
  readonly serverCert: string;
  readonly serverKey: string;
  /** Key and certificate in one file, as Kafka wants them. */
  readonly serverStore: string;
}

/** The server's certificate holds 127.0.0.1 and no name, so that `localhost` is a host name mismatch. */
export async function makeCertificates(folder: string, users: readonly string[]): Promise<CertificateFiles> {
  await writeFile(join(folder, 'openssl.cnf'), '[req]\ndistinguished_name = dn\n[dn]\n');
  const at = (name: string) => join(folder, name);
  const make = async (name: string, signer: string | null, extensions: readonly string[]) => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at(`${name}.key`)];
    const signed = signer === null ? [] : ['-CA', at(`${signer}.pem`), '-CAkey', at(`${signer}.key`)];
    const extra = extensions.flatMap((extension) => ['-addext', extension]);
    const subject = ['-subj', `/CN=${name}`, '-days', '2', '-out', at(`${name}.pem`)];
    await run('openssl', ['req', '-x509', '-config', at('openssl.cnf'), ...key, ...signed, ...extra, ...subject]);
  };
  const authority = ['basicConstraints=critical,CA:TRUE'];
  await Promise.all([make('ca', null, authority), make('stranger-ca', null, authority)]);
  await make('broker', 'ca', ['subjectAltName=IP:127.0.0.1']);
  for (const user of users) await make(user, 'ca', ['basicConstraints=CA:FALSE']);
  await writeFile(at('broker-store.pem'), await readFile(at('broker.key')));
  await appendFile(at('broker-store.pem'), await readFile(at('broker.pem')));
  return {
    ca: at('ca.pem'),
    strangerCa: at('stranger-ca.pem'),
    serverCert: at('broker.pem'),
    serverKey: at('broker.key'),
    serverStore: at('broker-store.pem'),
  };
}
