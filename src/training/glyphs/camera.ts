// What a camera does to a scene: blur, motion, little light, noise. In place, on RGB pixels of a square frame.
import type { Random } from '../random.ts';
import type { Disturbance } from './difficulty.ts';
import { GLYPH_SIDE } from './scene.ts';

/** The frame as a camera would see it, 8 bits a channel. */
export function photograph(scene: Uint8Array, how: Disturbance, random: Random): Uint8Array {
  let light = Float32Array.from(scene);
  if (how.blur > 0.3) {
    const kernel = gaussian(how.blur);
    light = smear(smear(light, kernel, 1, 0), kernel, 0, 1);
  }
  if (how.motion > 0.5) {
    const angle = random.next() * Math.PI;
    const steps = 2 * Math.ceil(how.motion / 2) + 1;
    light = smear(
      light,
      Array.from({ length: steps }, () => 1 / steps),
      Math.cos(angle),
      Math.sin(angle),
    );
  }
  const pixels = new Uint8Array(light.length);
  for (let i = 0; i < light.length; i++) {
    const value = (light[i] ?? 0) * how.light + how.noise * random.normal();
    pixels[i] = Math.min(255, Math.max(0, Math.round(value)));
  }
  return pixels;
}

function gaussian(sigma: number): number[] {
  const radius = Math.ceil(2.5 * sigma);
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** Weighted sum of the pixels along a direction (dx, dy), nearest neighbours; the border repeats. */
function smear(light: Float32Array, kernel: readonly number[], dx: number, dy: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(light.length);
  const half = (kernel.length - 1) / 2;
  const inside = (at: number) => Math.min(GLYPH_SIDE - 1, Math.max(0, at));
  for (const [k, weight] of kernel.entries()) {
    const [moveX, moveY] = [Math.round((k - half) * dx), Math.round((k - half) * dy)];
    for (let y = 0; y < GLYPH_SIDE; y++) {
      const row = inside(y + moveY) * GLYPH_SIDE;
      for (let x = 0; x < GLYPH_SIDE; x++) {
        const from = (row + inside(x + moveX)) * 3;
        const to = (y * GLYPH_SIDE + x) * 3;
        for (let c = 0; c < 3; c++) out[to + c] = (out[to + c] ?? 0) + weight * (light[from + c] ?? 0);
      }
    }
  }
  return out;
}
