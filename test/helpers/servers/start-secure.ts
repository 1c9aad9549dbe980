// The secure Kafka and Redis of a test run: certificates, users, and the rights that SECURITY.md tells people to give.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs';
import { createClient, type KafkaOptions } from '../../../src/adapters/kafka/client.ts';
import { probeRedis } from '../../../src/adapters/redis/probe.ts';
import { fetchJars } from '../../../src/adapters/system/services/jars.ts';
import { untilReady } from '../../../src/adapters/system/services/ready.ts';
import { redisFromJar, redisOnPath } from '../../../src/adapters/system/services/redis-process.ts';
import { loadConfig } from '../../../src/config.ts';
import { kafkaConnection, redisConnection } from '../../../src/connections.ts';
import { makeCertificates } from './certificates.ts';
import { documentedKafkaRights, documentedRedisUsers, type KafkaRight } from './documented-rights.ts';
import { startSecureKafka } from './secure-kafka.ts';
import { startSecureRedis } from './secure-redis.ts';
import { type SecureServerAddresses, secureSettings } from './secure-settings.ts';

const USERS = ['admin', 'worker', 'sender', 'watcher', 'operator'];

/** Topics and groups of a test begin like this; a right to the documented name is given for them too. */
const TEST_PREFIXES: Readonly<Record<string, string>> = {
  frames: 'frames-',
  'frames.coarse': 'coarse-',
  'frames.refined': 'refined-',
  'frames.dlq': 'dlq-',
  'anytime-workers': 'workers-of-',
};

/** Always of our own: Java jars and redis-server. Rejects with what is missing. */
export async function startSecureServers(
  environment = process.env,
): Promise<{ addresses: SecureServerAddresses; stop(): Promise<void> }> {
  const cache = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const jars = await fetchJars(join(cache, 'anytime-stream', 'servers'), console.error);
  const binary = (await redisOnPath(environment['PATH'] ?? '')) ?? (await redisFromJar(jars));
  const folder = await mkdtemp(join(tmpdir(), 'anytime-certificates-'));
  const stops = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    console.error('[test servers] Starting a secure Kafka (Java) and Redis …');
    const certificates = await makeCertificates(folder, USERS);
    const passwords = Object.fromEntries(USERS.map((user) => [user, randomBytes(18).toString('base64url')]));
    const redis = await startSecureRedis(binary, certificates, documentedRedisUsers(passwords));
    stops.push(() => redis.child.stop());
    const kafka = await startSecureKafka(jars, certificates, passwords);
    stops.push(() => kafka.child.stop());
    const addresses = {
      kafkaSasl: `127.0.0.1:${kafka.saslPort}`,
      kafkaMutualTls: `127.0.0.1:${kafka.mutualTlsPort}`,
      redisUrl: `rediss://127.0.0.1:${redis.port}`,
      folder,
      ca: certificates.ca,
      strangerCa: certificates.strangerCa,
      passwords,
    };
    const admin = loadConfig({ environment: {}, flags: secureSettings(addresses, 'admin') });
    const worker = redisConnection(loadConfig({ environment: {}, flags: secureSettings(addresses, 'worker') }));
    await untilReady(
      'the secure Redis',
      async () => void (await probeRedis(worker.url, worker.redisConfig)),
      redis.child,
    );
    await untilReady('the secure Kafka', () => giveRights(kafkaConnection(admin)), kafka.child);
    return { addresses, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What a fresh broker refuses until it is ready. */
async function giveRights(options: KafkaOptions): Promise<void> {
  const retry = { retries: 0 };
  const clientConfig = { ...options.clientConfig, connectionTimeout: 2000, retry };
  const admin = createClient({ ...options, clientConfig }).admin({ retry });
  try {
    await admin.connect();
    const rights = documentedKafkaRights().flatMap((right) => {
      const prefix = TEST_PREFIXES[right.name];
      return prefix === undefined ? [right] : [right, { ...right, name: prefix, isPrefix: true }];
    });
    await admin.createAcls({ acl: rights.map(toAcl) });
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

function toAcl({ user, operation, kind, name, isPrefix }: KafkaRight) {
  const operations: Readonly<Record<string, AclOperationTypes>> = {
    Read: AclOperationTypes.READ,
    Write: AclOperationTypes.WRITE,
  };
  return {
    principal: `User:${user}`,
    host: '*',
    operation: operations[operation] ?? AclOperationTypes.UNKNOWN,
    permissionType: AclPermissionTypes.ALLOW,
    resourceType: kind === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
    resourceName: name,
    resourcePatternType: isPrefix ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
  };
}
