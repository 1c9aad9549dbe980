// Mends how kafkajs 2.2.4 asks about all topics: it does so whenever a producer without topics connects, and when topics are listed, and fails where
// any partition of any topic of the cluster has no leader. A new producer, which any failure brings, could not connect for as long as somebody
// else's topic is broken. Here what is said of all topics is taken as it is; a request that names topics is judged as before.
import { createRequire } from 'node:module';
import { mendOnce } from './mend-once.ts';

interface MetadataArguments {
  readonly topics: readonly string[];
}

interface Exchange {
  readonly request: unknown;
  readonly response: { readonly decode: unknown; readonly parse: (data: unknown) => Promise<unknown> };
}

interface Metadata {
  protocol(version: { readonly version: number }): (args: MetadataArguments) => Exchange;
}

/** Patches the module once per process; calling it again changes nothing. */
export function mendAllTopics(): void {
  mendOnce(createRequire(import.meta.url)('kafkajs/src/protocol/requests/metadata') as Metadata, (metadata) => {
    const { protocol } = metadata;
    metadata.protocol = (version) => (args) => {
      const exchange = protocol(version)(args);
      if (args.topics.length > 0) return exchange;
      return { ...exchange, response: { ...exchange.response, parse: async (data) => data } };
    };
  });
}
