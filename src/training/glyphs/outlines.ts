// Outlines of the glyphs, read from the fonts' npm packages and brought to one size: drawing needs no font of the system.
import { readFile } from 'node:fs/promises';
import { AnytimeError } from '../../errors.ts';
import { GLYPH_CLASSES } from './classes.ts';
import type { Split } from './fonts.ts';
import { familiesOf, resolveFont } from './more-fonts.ts';

/** A path of straight and curved segments: x, y pairs in a box centred on 0, y downwards, the longer side −½ … ½. */
export interface Outline {
  /** One per segment: M and L take one point, Q two, C three, Z none. */
  readonly commands: string;
  readonly points: Float64Array;
}

/** A font's outlines, one per class in the order of GLYPH_CLASSES. */
export interface FontOutlines {
  readonly name: string;
  readonly outlines: readonly Outline[];
}

/** Read all fonts of a split. Errors: bad-data-set when a font package is not installed or lacks a glyph. */
export async function loadOutlines(split: Split): Promise<FontOutlines[]> {
  const families = await familiesOf(split);
  const files = families.flatMap(([family, ...weights]) => weights.map((weight) => ({ family, weight })));
  return await Promise.all(files.map(({ family, weight }) => loadFont(family, weight)));
}

async function loadFont(family: string, weight: number): Promise<FontOutlines> {
  const name = `${family}-latin-${weight}-normal`;
  try {
    // both are development dependencies: only drawing new frames needs them
    const { parse } = (await import('opentype.js')).default;
    const file = await readFile(resolveFont(`@fontsource/${family}/files/${name}.woff`));
    const font = parse(file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer);
    return {
      name,
      outlines: GLYPH_CLASSES.map((label) => outline(font.charToGlyph(label).path.commands, name, label)),
    };
  } catch (cause) {
    if (cause instanceof AnytimeError) throw cause;
    throw new AnytimeError(
      'bad-data-set',
      `Expected the font @fontsource/${family} and opentype.js to be installed (npm install --include=dev): drawing glyphs needs them`,
      { cause },
    );
  }
}

/** Commands as the font parser gives them: font units, y upwards. */
interface FontCommand {
  readonly type: string;
  readonly x?: number;
  readonly y?: number;
  readonly x1?: number;
  readonly y1?: number;
  readonly x2?: number;
  readonly y2?: number;
}

function outline(path: readonly FontCommand[], font: string, label: string): Outline {
  const points: number[] = [];
  for (const { x1, y1, x2, y2, x, y } of path) {
    if (x1 !== undefined && y1 !== undefined) points.push(x1, -y1);
    if (x2 !== undefined && y2 !== undefined) points.push(x2, -y2);
    if (x !== undefined && y !== undefined) points.push(x, -y);
  }
  if (points.length === 0)
    throw new AnytimeError('bad-data-set', `Expected font ${font} to have a glyph for "${label}"`);
  const xs = points.filter((_, i) => i % 2 === 0);
  const ys = points.filter((_, i) => i % 2 === 1);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  // One size for every font and class, old-style figures too: size must not tell the class.
  const scale = 1 / Math.max(right - left, bottom - top);
  const centred = points.map((v, i) => (v - (i % 2 === 0 ? (left + right) / 2 : (top + bottom) / 2)) * scale);
  return { commands: path.map(({ type }) => type).join(''), points: Float64Array.from(centred) };
}
