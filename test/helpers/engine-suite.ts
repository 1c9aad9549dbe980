// What the engine does on any backend: called for cpu and wasm in one file, for the native library in its own.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BackendName, openBackend } from '../../src/adapters/tfjs/backend.ts';
import { createEngine, type Engine } from '../../src/adapters/tfjs/engine.ts';
import { EVERY_KIND, framePixels, randomBundle } from './random-bundle.ts';
import { wholeNetwork } from './whole-network.ts';

const STAGES = EVERY_KIND.stages.length;

export function engineSuite(name: BackendName): void {
  describe(`engine on ${name}`, () => {
    const bundle = randomBundle(EVERY_KIND, 11);
    const pixels = Array.from({ length: 7 }, (_, index) => framePixels(EVERY_KIND, index));
    const expected = pixels.map((frame) => wholeNetwork(bundle, frame));
    let engine: Engine;

    beforeAll(async () => {
      const backend = await openBackend(name);
      expect(backend.name).toBe(name);
      engine = createEngine(bundle, backend, () => performance.now());
    });

    /** Run a stage on frames by their number (= handle − 1), giving pixels to the new ones; scores per frame. */
    function run(stage: number, frames: readonly number[]): Float32Array[] {
      const inputs = frames.map((f) => ({ handle: f + 1, pixels: stage === 1 ? (pixels[f] ?? null) : null }));
      const { scores } = engine.run(stage, inputs);
      const classes = scores.length / frames.length;
      return frames.map((_, row) => scores.subarray(row * classes, (row + 1) * classes));
    }

    function expectScores(stage: number, frames: readonly number[], scores: readonly Float32Array[]): void {
      frames.forEach((f, row) => {
        const wanted = expected[f]?.[stage - 1] ?? [];
        expect(scores[row]).toHaveLength(wanted.length);
        scores[row]?.forEach((score, c) => {
          expect(Math.abs(score - (wanted[c] ?? Number.NaN)), `frame ${f}, exit ${stage}`).toBeLessThan(1e-4);
        });
      });
    }

    it('run stage by stage, in batches that change on the way, equals the whole network at every exit', () => {
      // Not a vacuous comparison: exits and frames differ.
      expect(Math.abs((expected[0]?.[0]?.[0] ?? 0) - (expected[0]?.[1]?.[0] ?? 0))).toBeGreaterThan(0.01);
      expect(Math.abs((expected[0]?.[4]?.[0] ?? 0) - (expected[1]?.[4]?.[0] ?? 0))).toBeGreaterThan(0.01);
      for (const frames of [[0, 1, 2, 3], [4], [5, 6]]) expectScores(1, frames, run(1, frames));
      for (const frames of [[6, 0, 4], [1], [5, 3, 2]]) expectScores(2, frames, run(2, frames));
      for (const frames of [[2], [1, 0, 3, 4, 5, 6]]) expectScores(3, frames, run(3, frames));
      for (const frames of [
        [3, 1],
        [0, 6],
        [5, 4, 2],
      ])
        expectScores(4, frames, run(4, frames));
      for (const frames of [[0, 1, 2, 3, 4, 5, 6]]) expectScores(5, frames, run(5, frames));
      engine.release([1, 2, 3, 4, 5, 6, 7]);
    });

    it('has as many tensors after frames as before them, at whatever depth they ended', () => {
      const before = tf.memory().numTensors;
      const depths = [1, 2, 3, 4, 5, 5, 2];
      for (let stage = 1; stage <= STAGES; stage++) {
        const frames = depths.flatMap((depth, f) => (depth >= stage ? [f] : []));
        run(stage, frames);
        engine.release(depths.flatMap((depth, f) => (depth === stage ? [f + 1] : [])));
      }
      expect(tf.memory().numTensors).toBe(before);
      expect(engine.status()).toMatchObject({ heldActivations: 0, heldBytes: 0, tensors: before });
    });

    it('holds after each stage what it says, and no more tensors than frames', () => {
      const before = tf.memory().numTensors;
      for (let stage = 1; stage <= STAGES; stage++) {
        run(stage, [0, 1, 2]);
        expect(engine.status()).toMatchObject({
          heldActivations: 3,
          heldBytes: 3 * (engine.heldBytesAt[stage - 1] ?? -1),
        });
        expect(tf.memory().numTensors - before).toBeLessThanOrEqual(3);
      }
      // Stage 3's activations are not kept: stage 4 takes the frame. After stage 4 nothing takes the frame again.
      expect(engine.heldBytesAt).toEqual([7 * 7 * 6 * 4 + 588, 3 * 3 * 10 * 4 + 588, 588, 4 * 4 * 9 * 4, 0]);
      engine.release([1, 2, 3]);
    });

    it('a failed run leaves the handles as they were and no tensor behind', () => {
      run(1, [0, 1]);
      const before = engine.status();
      const held = { handle: 1, pixels: null };
      for (const frames of [
        [held, { handle: 99, pixels: null }],
        [held, { handle: 98, pixels: new Uint8Array(3) }],
        [],
      ])
        expect(() => engine.run(2, frames)).toThrowError(expect.objectContaining({ code: 'engine-failed' }));
      expect(() => engine.run(3, [held])).toThrow('expected activations of stage 2, got those of stage 1');
      expect(() => engine.run(1, [{ handle: 97, pixels: new Uint8Array(3) }])).toThrow(
        'expected 588 bytes of pixels, got 3',
      );
      expect(() => engine.run(0, [held])).toThrow('Expected a stage from 1 to 5, got 0');
      expect(engine.status()).toEqual(before);
      expectScores(2, [0, 1], run(2, [0, 1]));
      engine.release([1, 2]);
    });

    it('counts the time it computes', () => {
      const { busyMs } = engine.status();
      const { computeMs } = engine.run(1, [{ handle: 1, pixels: pixels[0] ?? null }]);
      expect(computeMs).toBeGreaterThan(0);
      expect(engine.status().busyMs - busyMs).toBeCloseTo(computeMs, 6);
      engine.release([1]);
    });
  });
}
