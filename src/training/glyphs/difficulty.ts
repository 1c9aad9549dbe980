// How hard one frame is: a single number per frame, and what each disturbance gets from it.
import type { Random } from '../random.ts';
import type { Pose } from './projection.ts';

/** What is done to one frame. Lengths are in shares of the frame's side, angles in radians. */
export interface Disturbance extends Pose {
  readonly difficulty: number;
  /** Lightness difference of glyph and background, 0 … 1. */
  readonly contrast: number;
  /** Shapes and glyph fragments behind. */
  readonly clutter: number;
  /** Bars and blobs in front. */
  readonly occluders: number;
  /** Blur, standard deviation in pixels; its direction stretch for motion. */
  readonly blur: number;
  readonly motion: number;
  /** Light, 1 = day. Sensor noise is added after it, so darkness costs contrast. */
  readonly light: number;
  /** Noise, standard deviation in grey levels of 255. */
  readonly noise: number;
}

/**
 * Difficulty is uniform in 0 … 1, from nearly clean to nearly hopeless. Each disturbance takes its own random share of it,
 * so that hard frames are hard in different ways.
 */
export function drawDisturbance(random: Random): Disturbance {
  const difficulty = random.next();
  // 0.5 and 1.2 set by eye on sorted contact sheets: about one frame in a hundred is beyond a careful reader.
  const d = 0.5 * difficulty ** 1.2;
  const share = () => d * random.next();
  const signed = (most: number) => (random.next() * 2 - 1) * most;
  return {
    difficulty,
    scale: 0.84 - 0.5 * share(),
    stretch: Math.exp(signed(0.08 + 0.2 * d)),
    angle: signed(0.08 + 0.6 * d),
    shear: signed(0.05 + 0.35 * d),
    tiltX: signed(0.05 + 0.55 * d),
    tiltY: signed(0.05 + 0.55 * d),
    x: 0.5 + signed(0.02 + 0.13 * d),
    y: 0.5 + signed(0.02 + 0.13 * d),
    contrast: 0.75 - 0.5 * d - 0.15 * share(),
    clutter: Math.floor((2 + 16 * d) * random.next() + 5 * d),
    occluders: random.next() < 0.15 + 0.6 * d ? 1 + Math.floor(3 * share()) : 0,
    blur: 1.7 * share(),
    motion: random.next() < 0.5 ? 0 : 4 * share(),
    light: 1 - 0.75 * share(),
    noise: 2 + 34 * share(),
  };
}
