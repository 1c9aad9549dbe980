import { expect, it } from 'vitest';
import { packRun } from '../../../../src/adapters/tfjs/pack-run.ts';

it('puts the pixels of new frames one after another and leaves the callers’ arrays alone', () => {
  const frames = [
    { handle: null, pixels: Uint8Array.of(1, 2) },
    { handle: 7, pixels: Uint8Array.of(8, 8) },
    { handle: null, pixels: Uint8Array.of(3, 4) },
  ];
  const message = packRun({ id: 5, stage: 1, handles: [8, 7, 9], frames, pixelBytes: 2 });
  expect(message).toEqual({
    type: 'run',
    id: 5,
    stage: 1,
    handles: [8, 7, 9],
    isNew: [true, false, true],
    pixels: Uint8Array.of(1, 2, 3, 4),
  });
  expect(frames[0]?.pixels.buffer).not.toBe(message.pixels.buffer);
});

it.each([
  [null, 'got none'],
  [Uint8Array.of(1), 'got 1'],
])('refuses a new frame with pixels %j', (pixels, got) => {
  const run = { id: 1, stage: 1, handles: [1], frames: [{ handle: null, pixels }], pixelBytes: 2 };
  expect(() => packRun(run)).toThrowError(
    expect.objectContaining({ code: 'bad-argument', message: expect.stringContaining(got) }),
  );
});
