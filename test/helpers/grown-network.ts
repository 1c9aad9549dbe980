// A network with one more stage behind.
import { type Network, NetworkSchema } from '../../src/network/config.ts';

export function grown(network: Network): Network {
  const last = { takes: 'activations', trunk: [{ kind: 'residual' }] };
  return NetworkSchema.parse({ ...network, stages: [...network.stages, last] });
}
