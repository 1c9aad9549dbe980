// One glyph frame as an SVG: background, clutter, the glyph itself, what stands before it.
import type { Random } from '../random.ts';
import { colourOf, css, lightnessPair } from './colour.ts';
import type { Disturbance } from './difficulty.ts';
import type { FontOutlines, Outline } from './outlines.ts';
import { projection, svgPath } from './projection.ts';

/** Side of a frame in pixels. */
export const GLYPH_SIDE = 32;

const px = (share: number) => (share * GLYPH_SIDE).toFixed(2);

/** What is drawn of a font's glyph. */
export interface Shape {
  readonly outline: Outline;
  /** What its strokes gain on each side, in units of its box. */
  readonly boldness: number;
}

/** The whole frame as SVG text; class and font are given, everything else is drawn from `random`. */
export function sceneSvg(glyph: Shape, fonts: readonly FontOutlines[], how: Disturbance, random: Random): string {
  const { ground, glyph: light } = lightnessPair(how.contrast, random);
  // Clutter stays on the background's side of the glyph's lightness on easy frames and may cross over on hard ones.
  const clutterLight = () => ground + (random.next() - 0.5) * (0.25 + 0.5 * how.difficulty) * how.contrast * 1.6;
  const parts = [background(ground, how, random)];
  for (let i = 0; i < how.clutter; i++) parts.push(clutter(css(colourOf(clutterLight(), random)), fonts, random));
  parts.push(mainGlyph(glyph, css(colourOf(light, random)), css(colourOf(clutterLight(), random)), how, random));
  for (let i = 0; i < how.occluders; i++) {
    const paint = css(colourOf(random.next() < 0.5 ? random.next() : clutterLight(), random));
    parts.push(occluder(paint, how, random));
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${GLYPH_SIDE}" height="${GLYPH_SIDE}">${parts.join('')}</svg>`;
}

/** A gradient between two colours of nearly the background's lightness. */
function background(ground: number, how: Disturbance, random: Random): string {
  const swing = how.contrast * (0.1 + 0.5 * random.next() * how.difficulty);
  const [from, to] = [css(colourOf(ground - swing, random)), css(colourOf(ground + swing, random))];
  const angle = Math.floor(random.next() * 360);
  const stops = `<stop offset="0" stop-color="${from}"/><stop offset="1" stop-color="${to}"/>`;
  const gradient =
    random.next() < 0.7
      ? `<linearGradient id="g" gradientTransform="rotate(${angle} .5 .5)">${stops}</linearGradient>`
      : `<radialGradient id="g" cx="${random.next().toFixed(2)}" cy="${random.next().toFixed(2)}">${stops}</radialGradient>`;
  return `<defs>${gradient}</defs><rect width="100%" height="100%" fill="url(#g)"/>`;
}

/** One thing behind the glyph: a line, an ellipse, a triangle, a grid line or a fragment of a glyph at the edge. */
function clutter(paint: string, fonts: readonly FontOutlines[], random: Random): string {
  const at = () => px(random.next() * 1.2 - 0.1);
  const width = (0.5 + 3 * random.next()).toFixed(1);
  switch (random.below(5)) {
    case 0:
      return `<path d="M${at()} ${at()}L${at()} ${at()}" stroke="${paint}" stroke-width="${width}"/>`;
    case 1:
      return `<ellipse cx="${at()}" cy="${at()}" rx="${px(0.25 * random.next())}" ry="${px(0.25 * random.next())}" fill="${paint}"/>`;
    case 2:
      return `<path d="M${at()} ${at()}L${at()} ${at()}L${at()} ${at()}Z" fill="${paint}" fill-opacity="${random.next().toFixed(2)}"/>`;
    case 3:
      return `<path d="M${at()} ${at()}Q${at()} ${at()} ${at()} ${at()}" stroke="${paint}" stroke-width="${width}" fill="none"/>`;
    default: {
      const font = fonts[random.below(fonts.length)];
      const outline = font?.outlines[random.below(font.outlines.length)];
      if (outline === undefined) return '';
      return `<path d="${svgPath(outline, edgePlace(random))}" fill="${paint}"/>`;
    }
  }
}

/** A place at the edge of the frame, where most of the fragment is cut off: the glyph in the middle is the answer. */
function edgePlace(random: Random) {
  const around = random.next() * 2 * Math.PI;
  const scale = GLYPH_SIDE * (0.3 + 0.5 * random.next());
  const reach = GLYPH_SIDE * (0.5 + 0.15 * random.next());
  return projection({
    scale,
    stretch: 1,
    angle: random.next() * 2 * Math.PI,
    shear: 0,
    tiltX: 0,
    tiltY: 0,
    x: GLYPH_SIDE / 2 + reach * Math.cos(around),
    y: GLYPH_SIDE / 2 + reach * Math.sin(around),
  });
}

/** Filled mostly; on some frames only its outline, with a border, or with a shadow. */
function mainGlyph(
  { outline, boldness }: Shape,
  paint: string,
  second: string,
  how: Disturbance,
  random: Random,
): string {
  const place = { ...how, scale: how.scale * GLYPH_SIDE, x: how.x * GLYPH_SIDE, y: how.y * GLYPH_SIDE };
  const path = svgPath(outline, projection(place));
  const bolder = 2 * boldness * place.scale;
  const style = random.next();
  if (style < 0.08)
    return `<path d="${path}" fill="none" stroke="${paint}" stroke-width="${(1 + 0.8 * random.next()).toFixed(2)}"/>`;
  if (style < 0.2)
    return `<path d="${path}" fill="${paint}" stroke="${second}" stroke-width="${(1.2 * random.next()).toFixed(2)}"/>`;
  if (style > 0.85) {
    const move = (1 + 1.5 * random.next()).toFixed(2);
    return `<path d="${path}" fill="${second}" transform="translate(${move} ${move})"/>${filled(path, paint, bolder)}`;
  }
  return filled(path, paint, bolder);
}

function filled(path: string, paint: string, bolder: number): string {
  const stroke = bolder > 0 ? ` stroke="${paint}" stroke-width="${bolder.toFixed(2)}"` : '';
  return `<path d="${path}" fill="${paint}"${stroke}/>`;
}

/** A bar or a blob over a part of the glyph. */
function occluder(paint: string, how: Disturbance, random: Random): string {
  const [cx, cy] = [how.x + (random.next() - 0.5) * how.scale, how.y + (random.next() - 0.5) * how.scale];
  const thick = 0.03 + 0.16 * how.difficulty * random.next();
  if (random.next() < 0.6) {
    const angle = random.next() * Math.PI;
    const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
    const line = `M${px(cx - dx)} ${px(cy - dy)}L${px(cx + dx)} ${px(cy + dy)}`;
    return `<path d="${line}" stroke="${paint}" stroke-width="${px(thick)}"/>`;
  }
  return `<ellipse cx="${px(cx)}" cy="${px(cy)}" rx="${px(thick * 1.2)}" ry="${px(thick * (0.6 + random.next()))}" fill="${paint}"/>`;
}
