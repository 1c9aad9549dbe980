// `anytime glyphs`: draws glyph frames and writes them as a data set.
import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Split } from '../../training/glyphs/fonts.ts';
import { writeGlyphs } from '../../training/glyphs/write-glyphs.ts';

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
    .option('--count <frames>', 'frames to draw', whole('count', 1, 10_000_000), 2000)
    .option('--seed <n>', 'same seed, same frames', whole('seed', 0, 2 ** 31), 1)
    .addOption(
      new Option('--split <name>', 'whose fonts: no font is in both').choices(['train', 'test']).default('train'),
    )
    .option('--json', 'end with one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  anytime glyphs --out data/glyphs/train.tar --count 60000 --seed 1 --split train',
    )
    .action(run);
}

async function run({ out, count, seed, split, json }: Flags): Promise<void> {
  const isTerminal = process.stderr.isTTY === true;
  const bar = new SingleBar({ format: '{bar} {value}/{total} frames drawn, {eta} s left', stream: process.stderr });
  const startedAt = performance.now();
  if (isTerminal) bar.start(count, 0);
  let manifest: string;
  try {
    ({ manifest } = await writeGlyphs(out, { count, seed, split }, (done) => {
      if (isTerminal) bar.update(done);
      else if (done % 10_000 === 0) console.error(`${done}/${count} frames drawn`);
    }));
  } finally {
    if (isTerminal) bar.stop();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  console.error(
    `${count} frames in ${out}, ${Math.round(count / seconds)} per second; ${manifest} says how they were made`,
  );
  if (json) console.log(JSON.stringify({ out, count, seed, split, manifest, framesPerSecond: count / seconds }));
}

/** Parses a flag that is a whole number. */
function whole(name: string, least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(
        `Expected \`${name}\` to be a whole number from ${least} to ${most}, got "${text}"`,
      );
    }
    return value;
  };
}
