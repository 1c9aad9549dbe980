// Does a password cross a network in the clear?
import type { Config } from '../../config.ts';
import { usesKafkaTls } from '../../secret-settings.ts';
import { type Check, ok, warn } from './check.ts';

const OWN_MACHINE = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

export function checkSecrecy(config: Config): Check {
  const { protocol, hostname } = new URL(config.redisUrl);
  const isClearTo = [
    ...(config.kafkaSasl !== null && !usesKafkaTls(config) ? config.kafkaBrokers.filter((at) => !isOwn(at)) : []),
    ...(config.redisPassword !== null && protocol !== 'rediss:' && !OWN_MACHINE.test(hostname) ? ['Redis'] : []),
  ];
  if (isClearTo.length === 0) return ok('passwords', 'none crosses a network in the clear');
  const advice =
    'Use TLS: --kafka-tls true, a rediss:// address; what SCRAM hides of the password, the network still reads along';
  return warn('passwords', `without TLS to ${isClearTo.join(', ')}`, advice);
}

function isOwn(broker: string): boolean {
  return OWN_MACHINE.test(broker.replace(/:\d+$/, ''));
}
