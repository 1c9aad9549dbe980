// The Kafka and Redis of an end-to-end run: those that are named, else fresh ones that end with the run.
import { askBroker } from '../../adapters/kafka/probe.ts';
import { probeRedis } from '../../adapters/redis/probe.ts';
import { type Services, startServices } from '../../adapters/system/services/services.ts';
import { machinePaths } from '../../config.ts';

export async function localServices(
  named: { readonly kafkaBrokers: readonly string[]; readonly redisUrl: string } | null,
  say: (line: string) => void,
): Promise<Services> {
  if (named !== null) return { ...named, how: 'as named', stop: async () => {} };
  return await startServices({
    kafkaPort: 0,
    redisPort: 0,
    ...machinePaths(),
    askKafka: askBroker,
    askRedis: async (url) => void (await probeRedis(url)),
    say,
  });
}
