// Reads the OPT curve from a study's document: one network per exit, trained for that exit alone.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AnytimeError, messageOf } from '../../errors.ts';
import type { CostPoint } from './report-input.ts';

// A study says much more; only this part is read here.
const StudySchema = z.object({
  opt: z.array(z.object({ macs: z.number().gt(0), accuracy: z.number().min(0).max(1) })).min(1),
});

/** Errors: bad-argument when the file cannot be read or has no `opt` points of `macs` and `accuracy`. */
export async function readOpt(path: string): Promise<CostPoint[]> {
  try {
    return StudySchema.parse(JSON.parse(await readFile(path, 'utf8'))).opt;
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
    throw new AnytimeError(
      'bad-argument',
      `Expected \`--study\` to be a JSON file with opt: [{ macs, accuracy }], got ${JSON.stringify(path)}: ${why}`,
      { cause },
    );
  }
}
