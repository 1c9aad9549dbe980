// Colours for glyph frames: two colours a stated lightness apart, any hue.
import type { Random } from '../random.ts';

export type Rgb = readonly [number, number, number];

/** A random colour of about this lightness (0 … 1, the weighted mean of the channels as the eye weights them). */
export function colourOf(lightness: number, random: Random): Rgb {
  const base = [random.next(), random.next(), random.next()] as const;
  const grey = 0.3 * base[0] + 0.59 * base[1] + 0.11 * base[2];
  const saturation = random.next() * 0.9;
  const channel = (value: number) => Math.round(255 * clamp(lightness + saturation * (value - grey)));
  return [channel(base[0]), channel(base[1]), channel(base[2])];
}

/** Lightness of a background and of a glyph that differs by `contrast`, lighter or darker. */
export function lightnessPair(contrast: number, random: Random): { ground: number; glyph: number } {
  const ground = random.next();
  const lighter = ground + contrast <= 1;
  const darker = ground - contrast >= 0;
  if (!lighter && !darker)
    return random.next() < 0.5
      ? { ground: 0.5 - contrast / 2, glyph: 0.5 + contrast / 2 }
      : { ground: 0.5 + contrast / 2, glyph: 0.5 - contrast / 2 };
  const up = lighter && (!darker || random.next() < 0.5);
  return { ground, glyph: up ? ground + contrast : ground - contrast };
}

/** CSS text of a colour. */
export function css([r, g, b]: Rgb): string {
  return `rgb(${r},${g},${b})`;
}

const clamp = (value: number) => Math.min(1, Math.max(0, value));
