// `npm run services`: a local Kafka and Redis in the foreground until Ctrl-C.
import { Command, InvalidArgumentError } from 'commander';
import { askBroker } from '../adapters/kafka/probe.ts';
import { probeRedis } from '../adapters/redis/probe.ts';
import { startServices } from '../adapters/system/services/services.ts';
import { machinePaths } from '../config.ts';
import { messageOf } from '../errors.ts';
import { untilSignal } from './until-signal.ts';

/** A TCP port. Errors: InvalidArgumentError, which commander prints. */
function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError(`Expected a port from 1 to 65535, or 0 for any free one, got "${text}"`);
}

async function run({ kafkaPort, redisPort, json }: { kafkaPort: number; redisPort: number; json: boolean }) {
  const { signal } = untilSignal(['SIGINT', 'SIGTERM', 'SIGHUP']);
  const stopping = new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve(null)));
  const starting = startServices({
    kafkaPort,
    redisPort,
    ...machinePaths(),
    askKafka: askBroker,
    askRedis: async (url) => {
      await probeRedis(url);
    },
    say: (line) => console.error(line),
  });
  const services = await Promise.race([starting, stopping]);
  if (services !== null) {
    const { kafkaBrokers, redisUrl, how } = services;
    console.error(`Running as ${how}. Ctrl-C ends both.`);
    console.error(`  export ANYTIME_KAFKA_BROKERS=${kafkaBrokers.join(',')} ANYTIME_REDIS_URL=${redisUrl}`);
    if (json) console.log(JSON.stringify({ kafkaBrokers, redisUrl, how }));
    else console.log(`Kafka  ${kafkaBrokers.join(',')}\nRedis  ${redisUrl}`);
    await stopping;
    console.error('Stopping …');
    await services.stop();
  }
  process.exit(0); // what was still starting ends with this process
}

const program = new Command('services')
  .description(
    'Start a local Kafka (KRaft) and Redis: containers where there is an engine, else Java jars and redis-server',
  )
  .option('--kafka-port <port>', 'port of Kafka, 0 = any free one', portNumber, 9092)
  .option('--redis-port <port>', 'port of Redis, 0 = any free one', portNumber, 6379)
  .option('--json', 'print the addresses as one JSON document', false)
  .addHelpText('after', '\nExamples:\n  npm run services -- --kafka-port 19092 --redis-port 16379')
  .action(async (options) => {
    try {
      await run(options);
    } catch (error) {
      console.error(messageOf(error));
      process.exit(1);
    }
  });
await program.parseAsync();
