// `anytime train`: trains an anytime network on a data set. Stops at the next step on SIGINT or SIGTERM and goes on from there next time.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseMessageOf } from '../../core/parse-message.ts';
import { AnytimeError } from '../../errors.ts';
import { holdsBundle, readModel } from '../../network/bundle.ts';
import { type Network, NetworkSchema } from '../../network/config.ts';
import { PRECISIONS, type Precision } from '../../training/kernels.ts';
import { LOSS_WEIGHTS, type LossWeights } from '../../training/loss-weights/loss-weights.ts';
import { TRAIN_DEFAULTS, type TrainEvent, type TrainOptions } from '../../training/options.ts';
import { DEFAULT_WIDTH, PRESETS, type Preset, presetNetwork } from '../../training/presets.ts';
import { resized } from '../../training/resized.ts';
import { train } from '../../training/train.ts';
import { truncated } from '../../training/truncated.ts';
import { numberAbove0, numberFrom, wholeNumber } from '../arguments.ts';
import { commitOfSources } from '../commit-of-sources.ts';
import { createOutput } from '../output.ts';
import { untilSignal } from '../until-signal.ts';
import { writeCurves } from './train-curves.ts';
import { createTrainingDisplay } from './train-display.ts';

type Recipe = Pick<
  TrainOptions,
  | 'epochs'
  | 'batch'
  | 'rate'
  | 'momentum'
  | 'weightDecay'
  | 'labelSmoothing'
  | 'oscillate'
  | 'equilibrium'
  | 'shift'
  | 'flips'
  | 'cutout'
  | 'seed'
>;

interface Flags extends Recipe {
  readonly data: string;
  readonly network?: string;
  readonly width?: number;
  readonly size?: number;
  readonly stages?: number;
  readonly sequence?: readonly number[];
  readonly mixed: number;
  readonly name?: string;
  readonly out?: string;
  readonly weights: LossWeights;
  readonly precision: Precision;
  readonly validation: number;
  readonly limit?: number;
  readonly resume: boolean;
  readonly from?: string;
  readonly bundle?: string;
  readonly bundleVersion: string;
  readonly test?: string;
  readonly json?: boolean;
}

export function trainCommand(): Command {
  const d = TRAIN_DEFAULTS;
  const rate = numberAbove0('--rate', 'a learning rate');
  const share = (flag: string, most: number) => numberFrom(flag, 'a share', 0, most);
  return new Command('train')
    .description('Train an anytime network: all exits together, checkpoints that go on exactly, then a bundle')
    .requiredOption(
      '--data <path>',
      'folder with one folder of images per class, tar shards, or glyphs:COUNT or glyphs-wide:COUNT to draw them',
    )
    .option(
      '--network <preset|file>',
      `${PRESETS.join(', ')}, or a JSON file that describes a network (default: that of the bundle to begin --from, else ${DEFAULT_NETWORK})`,
    )
    .option(
      '--width <channels>',
      `the one dial of a preset (default: ${WIDTHS})`,
      wholeNumber('--width', 'channels', 4, 512),
    )
    .option('--size <pixels>', 'height and width of the input', wholeNumber('--size', 'pixels', 4, 1024))
    .option('--stages <n>', 'only the first stages of the network', wholeNumber('--stages', 'stages', 1, 32))
    .option('--name <name>', 'name of the model; its run is kept in runs/<name>')
    .option('--out <folder>', 'folder of the run, instead of runs/<name>')
    .option('--epochs <n>', 'times through the data, may be a fraction', numberAbove0('--epochs', 'a number'), d.epochs)
    .option('--batch <frames>', 'frames a step', wholeNumber('--batch', 'frames', 2, 65_536), d.batch)
    .option('--rate <n>', 'highest learning rate', rate, d.rate)
    .option('--momentum <n>', 'Nesterov momentum', share('--momentum', 0.9999), d.momentum)
    .option(
      '--weight-decay <n>',
      'share of the weights added to their gradient',
      share('--weight-decay', 1),
      d.weightDecay,
    )
    .option(
      '--label-smoothing <n>',
      'share of a target given to all classes',
      share('--label-smoothing', 0.9),
      d.labelSmoothing,
    )
    .addOption(
      new Option('--precision <type>', 'of activations; bfloat16 is faster on processors with AVX512-BF16 or AMX')
        .choices([...PRECISIONS])
        .default(d.precision),
    )
    .addOption(new Option('--weights <scheme>', 'how exits count').choices([...LOSS_WEIGHTS]).default(d.weights))
    .option(
      '--sequence <exits>',
      'where the network is a sequence of networks (cifar10-eann: 1,2,2): exits of each, whose losses are weighed within it',
      exitsOfEach,
    )
    .option('--oscillate', 'draw one exit a step that counts more', d.oscillate)
    .option('--no-oscillate', 'do not')
    .option(
      '--mixed <epochs>',
      'in the first epochs the body learns for the last exit alone',
      numberFrom('--mixed', 'epochs', 0, 1e6),
      d.mixedEpochs,
    )
    .option('--equilibrium', 'each stage learns from the mean of the losses behind it', d.equilibrium)
    .option(
      '--shift <pixels>',
      'shift frames by up to so many pixels',
      wholeNumber('--shift', 'pixels', 0, 16),
      d.shift,
    )
    .option(
      '--cutout <pixels>',
      'blot a square of this side out of each frame',
      wholeNumber('--cutout', 'pixels', 0, 256),
      d.cutout,
    )
    .option('--no-flips', 'do not mirror frames; for characters')
    .option('--seed <n>', 'same seed, same training', wholeNumber('--seed', 'a seed', 0, 2 ** 31), d.seed)
    .option('--validation <share>', 'share of the data held out', share('--validation', 0.9), d.validationShare)
    .option('--limit <frames>', 'use only so many frames, for a trial', wholeNumber('--limit', 'frames', 1))
    .option('--resume', 'go on from the checkpoint of the run when there is one', d.resume)
    .option('--no-resume', 'begin anew even when the folder has a checkpoint')
    .option(
      '--from <folder>',
      'begin with what the best epoch of the run, or the bundle, in this folder learnt, instead of anew (of a network with more stages those behind begin anew); on the same data with its --seed, --validation and --limit',
    )
    .option('--bundle <folder>', 'write the trained model there (default: bundle in the folder of the run)')
    .option('--bundle-version <version>', 'version of the model', '1')
    .option(
      '--test <path>',
      'data to measure once at the end for the model card, or glyphs:COUNT, drawn with fonts that no training sees; it chooses nothing (refused where most of it is among --data)',
    )
    .option('--json', 'end with one JSON document on stdout')
    .addHelpText('after', EXAMPLES)
    .action(run);
}

function exitsOfEach(text: string): number[] {
  const exits = text.split(',').map(Number);
  if (exits.every((count) => Number.isInteger(count) && count > 0)) return exits;
  throw new InvalidArgumentError(`Expected \`--sequence\` to be exits of each network, as 1,2,2, got "${text}"`);
}

const DEFAULT_NETWORK: Preset = 'cifar10';
const WIDTHS = PRESETS.map((preset) => `${DEFAULT_WIDTH[preset]} for ${preset}`).join(', ');

const EXAMPLES = `
Examples:
  anytime train --data data/cifar10/train --network cifar10 --name cifar10 --epochs 22
  anytime train --data photos --size 64 --batch 64 --epochs 60 --name photos
  anytime train --data photos --from models/cifar10 --rate 0.1 --name photos    (begin with what a served model knows)
  anytime train --data data/cifar10/train --stages 2 --weights opt    (the oracle of exit 2)`;

async function run(flags: Flags): Promise<void> {
  const network = await networkOf(flags);
  const { data, resume, from, limit, validation, bundleVersion, test, weights, precision, mixed, equilibrium } = flags;
  const { epochs, batch, rate, momentum, weightDecay, labelSmoothing, oscillate, shift, flips, cutout, seed } = flags;
  const name = flags.name ?? network.name;
  const out = flags.out ?? join('runs', name);
  const output = createOutput(flags.json === true);
  const display = createTrainingDisplay();
  const stop = untilSignal();
  try {
    const options: TrainOptions = {
      ...{
        epochs,
        batch,
        rate,
        momentum,
        weightDecay,
        labelSmoothing,
        oscillate,
        equilibrium,
        mixedEpochs: mixed,
        shift,
        flips,
        cutout,
        seed,
        weights,
        precision,
      },
      ...{ data, network, out, resume, validationShare: validation, sequence: flags.sequence ?? [] },
      ...(limit === undefined ? {} : { limit }),
      ...(from === undefined ? {} : { from }),
      bundle: {
        folder: flags.bundle ?? join(out, 'bundle'),
        name,
        version: bundleVersion,
        command: ['anytime', ...process.argv.slice(process.argv.indexOf('train'))].join(' '),
        commit: commitOfSources(),
        ...(test === undefined ? {} : { test }),
      },
    };
    const report = (event: TrainEvent) => {
      display.show(event);
      if (event.type === 'epoch') writeCurves(join(out, 'curves.svg'), name, event.history);
    };
    const summary = await train(options, report, stop.signal);
    display.end();
    if (summary.model !== null) output.say(`Bundle written to ${options.bundle?.folder}`);
    const { model, ...rest } = summary;
    output.document({ ...rest, bundle: model === null ? null : options.bundle?.folder });
    if (!summary.isFinished) process.exitCode = 130;
  } finally {
    display.end();
    stop.release();
  }
}

async function networkOf(flags: Flags): Promise<Network> {
  const named = await networkNamed(flags);
  const sized = flags.size === undefined ? named : resized(named, flags.size);
  return flags.stages === undefined ? sized : truncated(sized, flags.stages);
}

async function networkNamed({ network: named, width, from }: Flags): Promise<Network> {
  if (named === undefined && width === undefined && from !== undefined && holdsBundle(from)) {
    return (await readModel(from)).network;
  }
  const network = named ?? DEFAULT_NETWORK;
  try {
    if ((PRESETS as readonly string[]).includes(network)) return presetNetwork(network as Preset, width);
  } catch (cause) {
    throw new AnytimeError(
      'bad-argument',
      `Expected --width to be channels that the network ${network} can have, got ${width}: ${parseMessageOf(cause)}`,
      { cause },
    );
  }
  try {
    return NetworkSchema.parse(JSON.parse(await readFile(network, 'utf8')));
  } catch (cause) {
    throw new AnytimeError(
      'bad-argument',
      `Expected --network to be ${PRESETS.join(', ')} or a network's JSON file, got "${network}": ${parseMessageOf(cause)}`,
      { cause },
    );
  }
}
