// A network cut after one of its stages: trained for its last exit alone it is the oracle (OPT) of that exit. Pure.
import { AnytimeError } from '../errors.ts';
import type { Network } from '../network/config.ts';

/** The first `stages` stages, under a name of its own. Errors: bad-argument when there are not so many. */
export function truncated(network: Network, stages: number): Network {
  const all = network.stages.length;
  if (!Number.isInteger(stages) || stages < 1 || stages > all) {
    throw new AnytimeError('bad-argument', `Expected \`stages\` to be 1 to ${all} for ${network.name}, got ${stages}`);
  }
  if (stages === all) return network;
  return { ...network, name: `${network.name.slice(0, 54)}-first-${stages}`, stages: network.stages.slice(0, stages) };
}
