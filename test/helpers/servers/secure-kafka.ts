// A one-node Kafka where nobody may do anything unless an ACL says so: SASL (PLAIN, SCRAM) over TLS, and mutual TLS.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Child, startChild } from '../../../src/adapters/system/services/child.ts';
import { freePort } from '../../../src/adapters/system/services/ports.ts';
import type { CertificateFiles } from './certificates.ts';

const run = promisify(execFile);

const JVM = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto', '-Dlog4j2.level=ERROR'];

export interface SecureKafka {
  readonly child: Child;
  /** SASL over TLS. */
  readonly saslPort: number;
  /** Mutual TLS: the user is the CN of the client's certificate. */
  readonly mutualTlsPort: number;
}

/** `passwords` by user; `admin` may do everything. Starts the broker and returns at once. */
export async function startSecureKafka(
  jarFolder: string,
  certificates: CertificateFiles,
  passwords: Readonly<Record<string, string>>,
): Promise<SecureKafka> {
  const folder = await mkdtemp(join(tmpdir(), 'anytime-secure-kafka-'));
  const [saslPort, mutualTlsPort, controllerPort] = await Promise.all(
    ['SASL', 'mutual TLS', 'the controller'].map((what) => freePort(0, what)),
  );
  const users = Object.entries(passwords);
  const plainUsers = users.map(([user, password]) => `user_${user}="${password}"`).join(' ');
  const values = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `SASL_SSL://127.0.0.1:${saslPort},SSL://127.0.0.1:${mutualTlsPort},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `SASL_SSL://127.0.0.1:${saslPort},SSL://127.0.0.1:${mutualTlsPort}`,
    'listener.security.protocol.map': 'SASL_SSL:SASL_SSL,SSL:SSL,CONTROLLER:SSL',
    'inter.broker.listener.name': 'SSL',
    'controller.listener.names': 'CONTROLLER',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${plainUsers};`,
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': certificates.serverStore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': certificates.ca,
    'listener.name.ssl.ssl.client.auth': 'required',
    'listener.name.controller.ssl.client.auth': 'required',
    'ssl.principal.mapping.rules': 'RULE:^CN=([^,]+).*$/$1/,DEFAULT',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': false,
    'super.users': 'User:broker;User:admin',
    'log.dirs': join(folder, 'data'),
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
  };
  const settings = join(folder, 'server.properties');
  await writeFile(
    settings,
    Object.entries(values)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
    { mode: 0o600 },
  );
  const scram = users.flatMap(([user, password]) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((kind) => [
      '--add-scram',
      `${kind}=[name=${user},password=${password}]`,
    ]),
  );
  const clusterId = `A${randomBytes(16).toString('base64url').slice(1)}`;
  const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settings, ...scram];
  await run('java', [...JVM, '-cp', join(jarFolder, '*'), ...format], { timeout: 60_000 });
  const child = startChild(folder, 'java', [...JVM, '-Xmx256m', '-cp', join(jarFolder, '*'), 'kafka.Kafka', settings]);
  return { child, saslPort: saslPort ?? 0, mutualTlsPort: mutualTlsPort ?? 0 };
}
