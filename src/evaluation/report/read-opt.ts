// Reads the OPT curve from a study's document: one network per exit, trained for that exit alone.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { parseMessageOf } from '../../core/parse-message.ts';
import { AnytimeError } from '../../errors.ts';
import type { CostPoint } from './report-input.ts';

// A study says much more; only this part is read here. Older ones do not tell network and classes: all were of the study's own chain.
const StudySchema = z.object({
  network: z.string().default('study-chain'),
  classes: z.array(z.string()).optional(),
  opt: z.array(z.object({ macs: z.number().gt(0), accuracy: z.number().min(0).max(1) })).min(1),
});

export interface StudyOpt {
  readonly network: string;
  readonly points: readonly CostPoint[];
}

/** Errors: bad-argument when the file cannot be read, has no `opt` points of `macs` and `accuracy`, or is of other classes than `classes`. */
export async function readOpt(path: string, classes: readonly string[]): Promise<StudyOpt> {
  const study = await readStudy(path);
  if (study.classes !== undefined && [...study.classes].sort().join() !== [...classes].sort().join())
    throw new AnytimeError(
      'bad-argument',
      `Expected \`--study\` to be of the model's classes, ${shown(classes)}, got ${JSON.stringify(path)} of ${shown(study.classes)}`,
    );
  return { network: study.network, points: study.opt };
}

async function readStudy(path: string): Promise<z.infer<typeof StudySchema>> {
  try {
    return StudySchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new AnytimeError(
      'bad-argument',
      `Expected \`--study\` to be a JSON file with opt: [{ macs, accuracy }], got ${JSON.stringify(path)}: ${parseMessageOf(cause)}`,
      { cause },
    );
  }
}

function shown(classes: readonly string[]): string {
  return `${classes.slice(0, 3).join(', ')}${classes.length > 3 ? ' …' : ''}`;
}
