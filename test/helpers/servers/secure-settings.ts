// The settings with which a user reaches the secure test servers, the way people give them.
import { join } from 'node:path';

export interface SecureServerAddresses {
  /** host:port of the broker: SASL over TLS, and mutual TLS. */
  readonly kafkaSasl: string;
  readonly kafkaMutualTls: string;
  readonly redisUrl: string;
  /** Holds <user>.pem and <user>.key for mutual TLS. */
  readonly folder: string;
  readonly ca: string;
  /** An authority that signed nothing there. */
  readonly strangerCa: string;
  readonly passwords: Readonly<Record<string, string>>;
}

export type SaslMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';

/** By setting name, as loadConfig takes them. */
export function secureSettings(
  { kafkaSasl, kafkaMutualTls, redisUrl, ca, folder, passwords }: SecureServerAddresses,
  user: string,
  how: SaslMechanism | 'mutual-tls' = 'scram-sha-512',
): Record<string, string> {
  const password = passwords[user] ?? '';
  const redis = { redisUrl, redisUser: user, redisPassword: password, redisCaFile: ca };
  if (how !== 'mutual-tls') {
    const sasl = { kafkaSasl: how, kafkaUser: user, kafkaPassword: password };
    return { ...redis, kafkaBrokers: kafkaSasl, kafkaCaFile: ca, ...sasl };
  }
  const [kafkaCertFile, kafkaKeyFile] = [join(folder, `${user}.pem`), join(folder, `${user}.key`)];
  return { ...redis, kafkaBrokers: kafkaMutualTls, kafkaCaFile: ca, kafkaCertFile, kafkaKeyFile };
}
