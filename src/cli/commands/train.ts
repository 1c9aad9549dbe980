// `anytime train`: trains an anytime network on a data set. Stops at the next step on SIGINT or SIGTERM and goes on from there next time.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { AnytimeError, messageOf } from '../../errors.ts';
import { type Network, NetworkSchema } from '../../network/config.ts';
import { LOSS_WEIGHTS, type LossWeights } from '../../training/loss-weights.ts';
import { TRAIN_DEFAULTS, type TrainOptions } from '../../training/options.ts';
import { PRESETS, type Preset, presetNetwork } from '../../training/presets.ts';
import { train } from '../../training/train.ts';
import { createTrainingDisplay } from './train-display.ts';

interface Flags {
  readonly data: string;
  readonly network: string;
  readonly width?: number;
  readonly name?: string;
  readonly out?: string;
  readonly epochs: number;
  readonly batch: number;
  readonly rate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly labelSmoothing: number;
  readonly weights: LossWeights;
  readonly oscillate: boolean;
  readonly shift: number;
  readonly flips: boolean;
  readonly seed: number;
  readonly validation: number;
  readonly limit?: number;
  readonly resume: boolean;
  readonly json?: boolean;
}

export function trainCommand(): Command {
  const d = TRAIN_DEFAULTS;
  return new Command('train')
    .description(
      'Train an anytime network: every exit together, checkpoints that go on exactly, validation on held-out frames',
    )
    .requiredOption(
      '--data <folder>',
      'folder with one folder of images per class, tar shards, or glyphs:COUNT to draw them',
    )
    .option('--network <preset|file>', `${PRESETS.join(', ')}, or a JSON file that describes a network`, 'cifar10')
    .option(
      '--width <channels>',
      'the one dial of a preset: channels of its first convolution',
      number('width', 4, 512),
    )
    .option('--name <name>', 'name of the run; its folder is runs/<name>')
    .option('--out <folder>', 'folder of the run, instead of runs/<name>')
    .option('--epochs <n>', 'times through the data; may be a fraction', number('epochs', 0.001, 100_000), d.epochs)
    .option('--batch <frames>', 'frames a step', number('batch', 2, 65_536), d.batch)
    .option('--rate <n>', 'highest learning rate', number('rate', 0, 100), d.rate)
    .option('--momentum <n>', 'Nesterov momentum', number('momentum', 0, 0.9999), d.momentum)
    .option(
      '--weight-decay <n>',
      'share of a kernel added to its gradient',
      number('weight-decay', 0, 1),
      d.weightDecay,
    )
    .option(
      '--label-smoothing <n>',
      'share of a target spread over all classes',
      number('label-smoothing', 0, 0.9),
      d.labelSmoothing,
    )
    .addOption(
      new Option('--weights <scheme>', 'how much each exit counts').choices([...LOSS_WEIGHTS]).default(d.weights),
    )
    .option('--no-oscillate', 'do not draw one exit a step that counts more')
    .option('--shift <pixels>', 'shift frames by up to so many pixels', number('shift', 0, 64), d.shift)
    .option('--no-flips', 'do not mirror frames (characters!)')
    .option('--seed <n>', 'same seed, same training', number('seed', 0, 2 ** 31), d.seed)
    .option('--validation <share>', 'share held out of the data', number('validation', 0.001, 0.9), d.validationShare)
    .option('--limit <frames>', 'use only so many frames, for a trial', number('limit', 1, 1e9))
    .option('--no-resume', 'begin anew even when the folder has a checkpoint')
    .option('--json', 'end with one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  anytime train --data data/cifar10/train --network cifar10 --epochs 8 --name cifar10',
    )
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const network = await networkOf(flags);
  const options: TrainOptions = {
    ...flags,
    network,
    out: flags.out ?? join('runs', flags.name ?? network.name),
    validationShare: flags.validation,
  };
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const display = createTrainingDisplay();
  try {
    const summary = await train(options, display.show, stop.signal);
    display.end();
    if (flags.json) console.log(JSON.stringify(summary));
    if (!summary.isFinished) process.exitCode = 130;
  } finally {
    display.end();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

async function networkOf({ network, width }: Flags): Promise<Network> {
  if ((PRESETS as readonly string[]).includes(network)) return presetNetwork(network as Preset, width);
  try {
    return NetworkSchema.parse(JSON.parse(await readFile(network, 'utf8')));
  } catch (cause) {
    throw new AnytimeError(
      'bad-argument',
      `Expected --network to be ${PRESETS.join(', ')} or a network's JSON file, got "${network}": ${messageOf(cause)}`,
      { cause },
    );
  }
}

/** Parses a flag's number. */
function number(name: string, least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= least && value <= most)) {
      throw new InvalidArgumentError(`Expected \`${name}\` to be a number from ${least} to ${most}, got "${text}"`);
    }
    return value;
  };
}
