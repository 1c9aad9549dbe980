// `anytime glyphs`: draws glyph frames and writes them as a data set.
import { Command, Option } from 'commander';
import type { Split } from '../../training/glyphs/fonts.ts';
import { writeGlyphs } from '../../training/glyphs/write-glyphs.ts';
import { wholeNumber } from '../arguments.ts';
import { counted } from '../counted.ts';
import { createOutput } from '../output.ts';
import { createProgress } from '../progress.ts';

interface Flags {
  readonly out: string;
  readonly count: number;
  readonly seed: number;
  readonly split: Split;
  readonly json?: boolean;
}

export function glyphsCommand(): Command {
  return new Command('glyphs')
    .description('Draw 32×32 frames of characters on cluttered backgrounds: a data set without a download')
    .requiredOption('--out <path>', 'a folder (one folder per class), or a file that ends in .tar')
    .option('--count <frames>', 'frames to draw', wholeNumber('--count', 'a number of frames', 1, 10_000_000), 2000)
    .option('--seed <n>', 'same seed, same frames', wholeNumber('--seed', 'a seed', 0, 2 ** 31), 1)
    .addOption(
      new Option('--split <name>', 'whose fonts: no font is in both')
        .choices(['train', 'wide', 'test'])
        .default('train'),
    )
    .option('--json', 'end with one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  anytime glyphs --out data/glyphs/train.tar --count 60000 --seed 1 --split train',
    )
    .action(run);
}

async function run({ out, count, seed, split, json }: Flags): Promise<void> {
  const output = createOutput(json === true);
  const progress = createProgress('frames drawn');
  const startedAt = performance.now();
  let manifest: string;
  try {
    ({ manifest } = await writeGlyphs(out, { count, seed, split }, (done) => progress.update(done, count)));
  } finally {
    progress.end();
  }
  const framesPerSecond = Math.round(count / ((performance.now() - startedAt) / 1000));
  output.say(
    `${counted(count, 'frame')} in ${out}, ${framesPerSecond} per second; ${manifest} says how they were made`,
  );
  output.document({ out, count, seed, split, manifest, framesPerSecond });
}
