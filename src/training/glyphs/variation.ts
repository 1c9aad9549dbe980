// Shapes between the fonts: an outline bent smoothly and drawn bolder. A network that learns from few fonts learns their shapes by heart;
// varied outlines are letters that no font has, yet no other letter.
import type { Random } from '../random.ts';
import type { Outline } from './outlines.ts';

/** Most that a wave moves a point, in units of the glyph's box. */
const MOST_BEND = 0.035;
/** Waves a box, at most, in radians: low, so that strokes bend and do not wobble. */
const [SLOWEST, FASTEST] = [1.5, 6];
/** Most that a stroke gains on each side, in units of the glyph's box, and how often it gains at all. */
const MOST_BOLD = 0.035;
const BOLD_SHARE = 0.5;

/** The outline with its points moved by two waves across it. Control points are moved as points. */
export function bent({ commands, points }: Outline, random: Random): Outline {
  const waves = [0, 1].map(() => {
    const direction = random.next() * 2 * Math.PI;
    const pace = SLOWEST + (FASTEST - SLOWEST) * random.next();
    return {
      alongX: pace * Math.cos(direction),
      alongY: pace * Math.sin(direction),
      phase: random.next() * 2 * Math.PI,
      byX: MOST_BEND * (2 * random.next() - 1),
      byY: MOST_BEND * (2 * random.next() - 1),
    };
  });
  const moved = Float64Array.from(points);
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i] as number, points[i + 1] as number];
    for (const { alongX, alongY, phase, byX, byY } of waves) {
      const swing = Math.sin(alongX * x + alongY * y + phase);
      moved[i] = (moved[i] as number) + byX * swing;
      moved[i + 1] = (moved[i + 1] as number) + byY * swing;
    }
  }
  return { commands, points: moved };
}

/** How much bolder to draw a glyph: what its strokes gain on each side, in units of its box; often 0. */
export function boldness(random: Random): number {
  return random.next() < BOLD_SHARE ? MOST_BOLD * random.next() : 0;
}
