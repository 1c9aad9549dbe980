import { describe, expect, it } from 'vitest';
import { photograph } from '../../../../src/training/glyphs/camera.ts';
import { type Disturbance, drawDisturbance } from '../../../../src/training/glyphs/difficulty.ts';
import { random } from '../../../../src/training/random.ts';

const SIDE = 32;
const calm: Disturbance = { ...drawDisturbance(random(1)), blur: 0, motion: 0, light: 1, noise: 0 };
/** Black with one white pixel in the middle. */
const dot = () => {
  const scene = new Uint8Array(SIDE * SIDE * 3);
  scene.fill(255, (16 * SIDE + 16) * 3, (16 * SIDE + 16) * 3 + 3);
  return scene;
};
const sum = (pixels: Uint8Array) => pixels.reduce((total, value) => total + value, 0);

describe('photograph', () => {
  it('changes nothing on a calm day', () => {
    expect(photograph(dot(), calm, random(2))).toEqual(dot());
  });

  it('spreads light by blur in all directions and by motion along one, and loses none of it', () => {
    const lit = (pixels: Uint8Array) => pixels.filter((value) => value > 0).length / 3;
    const blurred = photograph(dot(), { ...calm, blur: 1 }, random(2));
    expect(lit(blurred)).toBeGreaterThan(9);
    expect(Math.abs(sum(blurred) - sum(dot()))).toBeLessThan(40); // rounding
    expect(blurred[(16 * SIDE + 15) * 3]).toBe(blurred[(15 * SIDE + 16) * 3]);
    const moved = photograph(dot(), { ...calm, motion: 4 }, random(2));
    expect(lit(moved)).toBe(5);
  });

  it('darkens, and adds noise after it', () => {
    const grey = new Uint8Array(SIDE * SIDE * 3).fill(200);
    expect(photograph(grey, { ...calm, light: 0.5 }, random(3))).toEqual(new Uint8Array(grey.length).fill(100));
    const noisy = photograph(grey, { ...calm, light: 0.5, noise: 20 }, random(3));
    const mean = sum(noisy) / noisy.length;
    const deviation = Math.sqrt(noisy.reduce((total, value) => total + (value - mean) ** 2, 0) / noisy.length);
    expect(mean).toBeCloseTo(100, -0.5);
    expect(deviation).toBeGreaterThan(18);
    expect(deviation).toBeLessThan(22);
  });
});
