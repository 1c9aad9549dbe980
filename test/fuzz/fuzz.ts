// `npm run fuzz`: hostile images and headers against the decoder and the header parser. The last line on stdout is one JSON document.
import { Command } from 'commander';
import { wholeNumber } from '../../src/cli/arguments.ts';
import { commitOfSources } from '../../src/cli/commit-of-sources.ts';
import { createProgress } from '../../src/cli/progress.ts';
import { EXIT_FAILED, runProgram } from '../../src/cli/run-program.ts';
import { realImages } from './real-images.ts';
import { HANG_MS, runFuzz, SHIPPED_IMAGES } from './run-fuzz.ts';

/** A decode takes at most 240 MB, beside what the process is; several times that would be a leak or a limit passed. */
const MAX_RSS_BYTES = 1024 ** 3;

const program = new Command('npm run fuzz --')
  .description(
    'Mutated images and made-up headers: each must be accepted or refused, with no crash, no hang, no unbounded memory',
  )
  .option('--inputs <n>', 'how many', wholeNumber('--inputs', 'inputs', 1, 1e9), 20_000)
  .option('--seed <n>', 'same seed, same inputs', wholeNumber('--seed', 'a seed', 0, 1e9), 1)
  .option('--from <n>', 'number of the first one: to see a failure again', wholeNumber('--from', 'an input', 0, 1e9), 0)
  .option('--images <path>', 'folder or tar of images to mutate, beside made ones of every format', SHIPPED_IMAGES)
  .addHelpText(
    'after',
    `
An input has hung when it takes longer than ${HANG_MS / 1000} s. That is no measure of the worker's own limit for decoding a frame
(decodeLimitMs, 15 s unless set otherwise), which is not applied here: what is slower than that but ends is accepted or refused.

Examples:
  npm run fuzz -- --inputs 20000 --seed 7
  npm run fuzz -- --images photos/
  npm run fuzz -- --seed 7 --from 1234 --inputs 1`,
  )
  .action(async (flags: { inputs: number; seed: number; from: number; images: string }) => {
    await realImages(flags.images); // told now, not by each child
    const progress = createProgress('inputs');
    const document = await runFuzz({ ...flags, progress: (done) => progress.update(done, flags.inputs) });
    progress.end();
    for (const { index, what } of document.failures)
      console.error(
        `Input ${index}: ${what}\n  again: npm run fuzz -- --images ${flags.images} --seed ${flags.seed} --from ${index} --inputs 1`,
      );
    console.log(JSON.stringify({ ...document, commit: commitOfSources() }));
    if (document.failures.length > 0 || document.maxRssBytes > MAX_RSS_BYTES) process.exitCode = EXIT_FAILED;
  });
process.exitCode = await runProgram(program, process.argv);
