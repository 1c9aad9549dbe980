// `anytime demo`: the whole way of a frame in one process, on frames that come with the product, at a rate that rises and falls.
import { join } from 'node:path';
import { Command } from 'commander';
import { readModel } from '../../network/bundle.ts';
import { PACKAGE_FOLDER } from '../../package-folder.ts';
import { numberAbove0, numberFrom, wholeNumber } from '../arguments.ts';
import { addConfigFlags, configOf, PIPELINE_SETTINGS } from '../config-flags.ts';
import { counted } from '../counted.ts';
import { demoDisplay, demoSummary } from '../demo/display.ts';
import { runDemo } from '../demo/run-demo.ts';
import { readFramePool, whyNotScored } from '../frame-pool.ts';
import { createOutput } from '../output.ts';
import { createProgress } from '../progress.ts';
import { untilSignal } from '../until-signal.ts';

interface Flags {
  readonly frames: string;
  readonly rate?: number;
  readonly seconds: number;
  readonly seed: number;
  readonly json?: boolean;
}

export function demoCommand(): Command {
  const command = new Command('demo')
    .description(
      'See it work: frames get a coarse answer at once and better ones after it, first calm, then in a burst',
    )
    .option('--frames <path>', 'folder or tar of images; default: the glyph frames that come with it', FRAMES)
    .option(
      '--rate <n>',
      'frames a second; default: found by measuring this machine',
      numberAbove0('--rate', 'frames a second'),
    )
    .option('--seconds <n>', 'how long frames are sent', numberFrom('--seconds', 'seconds', 1, 3600), 24)
    .option('--seed <n>', 'same seed, same order and arrivals', wholeNumber('--seed', 'a seed', 0), 1)
    .option('--json', 'end with one JSON document on stdout; text goes to stderr');
  return addConfigFlags(command, PIPELINE_SETTINGS).addHelpText('after', EXAMPLES).action(run);
}

async function run(flags: Flags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const config = configOf({ ...flags });
  const progress = createProgress('reading frames');
  const model = await readModel(config.model);
  const { seed } = flags;
  const pool = await readFramePool({
    paths: [flags.frames],
    classes: model.classes,
    seed,
    onProgress: progress.update,
  });
  progress.end();
  output.say(
    `${counted(pool.frames.length, 'frame')} from ${flags.frames}; warming up ${model.name}@${model.version} …`,
  );
  const notScored = whyNotScored(model.classes, pool);
  if (notScored !== null) output.say(notScored);
  const stop = untilSignal();
  try {
    const document = await runDemo(
      { config, model, pool, seconds: flags.seconds, rate: flags.rate ?? null, seed, signal: stop.signal },
      demoDisplay(
        output,
        config.deadlineMs,
        pool.frames.some(({ label }) => label !== null),
      ),
    );
    if (document === null || document.frames === 0) output.say('Stopped before the first frame.');
    else output.say(`\n${demoSummary(document, config.deadlineMs)}`);
    if (document !== null) output.document(document);
    if (stop.signal.aborted) process.exitCode = 130;
  } finally {
    stop.release();
  }
}

const FRAMES = join(PACKAGE_FOLDER, 'models', 'glyphs', 'test-frames.tar');

const EXAMPLES = `
Examples:
  anytime demo
  anytime demo --seconds 12 --rate 300
  anytime demo --frames photos/ --model models/cifar10 --deadline-ms 250
  anytime demo --json | tail -1`;
