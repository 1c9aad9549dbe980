// Projective maps of the plane, for rotation, shear and perspective, and outlines drawn through them as SVG paths.
import type { Outline } from './outlines.ts';

/** 3 × 3 matrix, row by row, acting on (x, y, 1). */
export type Projection = readonly [number, number, number, number, number, number, number, number, number];

/** How a glyph lies in its frame: angles in radians, the rest in units of the frame. */
export interface Pose {
  readonly scale: number;
  readonly stretch: number;
  readonly angle: number;
  readonly shear: number;
  /** Tilt about the two axes, as the change of scale from one side of the unit box to the other. */
  readonly tiltX: number;
  readonly tiltY: number;
  readonly x: number;
  readonly y: number;
}

/** Scale, rotation (radians), shear and perspective tilt about 0, then a move to (x, y). */
export function projection(of: Pose): Projection {
  const [sx, sy] = [of.scale * of.stretch, of.scale / of.stretch];
  const [cos, sin] = [Math.cos(of.angle), Math.sin(of.angle)];
  const [a, b, c, d] = [cos * sx, (cos * of.shear - sin) * sy, sin * sx, (sin * of.shear + cos) * sy];
  const { tiltX: p, tiltY: q, x, y } = of;
  // [move] · [linear, then divide by 1 + p·x + q·y]
  return [a + x * p, b + x * q, x, c + y * p, d + y * q, y, p, q, 1];
}

/** Where a point goes. */
export function project(m: Projection, x: number, y: number): [number, number] {
  const w = m[6] * x + m[7] * y + m[8];
  return [(m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w];
}

const POINTS_OF: Readonly<Record<string, number>> = { M: 1, L: 1, Q: 2, C: 3, Z: 0 };

/**
 * The outline as SVG path data. Control points are mapped as points: exact for straight lines, and close for curves as
 * long as the tilt over one curve is small.
 */
export function svgPath(outline: Outline, m: Projection): string {
  let path = '';
  let at = 0;
  for (const command of outline.commands) {
    path += command;
    for (let i = POINTS_OF[command] ?? 0; i > 0; i--, at += 2) {
      const [x, y] = project(m, outline.points[at] ?? 0, outline.points[at + 1] ?? 0);
      path += `${x.toFixed(2)} ${y.toFixed(2)} `;
    }
  }
  return path;
}
