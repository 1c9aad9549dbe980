// The many fonts of the split `wide`: a folder with a package.json of its own, so that only who trains the shipped model installs them.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AnytimeError, messageOf } from '../../errors.ts';
import { type Family, FONTS, type Split } from './fonts.ts';

/** Its dependencies are the families. In a checkout only: what is built has none. */
export const MORE_FONTS_FOLDER = fileURLToPath(new URL('more-fonts', import.meta.url));
const WEIGHTS = [400, 700];

/** Path of a file of a font package, installed there or with the project. Errors: as `require.resolve`. */
export function resolveFont(file: string): string {
  return createRequire(join(MORE_FONTS_FOLDER, 'package.json')).resolve(file);
}

/** Families and weights of a split; of the many fonts those of the usual two weights that a family has. Errors: bad-data-set. */
export async function familiesOf(split: Split): Promise<readonly Family[]> {
  if (split !== 'wide') return FONTS[split];
  const families = await moreFamilies();
  const more = families.map(
    (family): Family => [family, ...WEIGHTS.filter((weight) => existsSync(fileOf(family, weight)))],
  );
  const missing = more.find(([, ...weights]) => weights.length === 0);
  if (missing === undefined) return [...FONTS.train, ...more];
  throw new AnytimeError(
    'bad-data-set',
    `Expected the fonts of ${MORE_FONTS_FOLDER} to be installed (npm run setup:fonts): @fontsource/${missing[0]} is not`,
  );
}

async function moreFamilies(): Promise<string[]> {
  const path = join(MORE_FONTS_FOLDER, 'package.json');
  try {
    const { dependencies } = JSON.parse(await readFile(path, 'utf8')) as { dependencies: Record<string, string> };
    return Object.keys(dependencies).map((name) => name.replace('@fontsource/', ''));
  } catch (cause) {
    throw new AnytimeError('bad-data-set', `Expected the list of fonts at ${path}, got: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function fileOf(family: string, weight: number): string {
  const folder = join(MORE_FONTS_FOLDER, 'node_modules', '@fontsource', family);
  return join(folder, 'files', `${family}-latin-${weight}-normal.woff`);
}
