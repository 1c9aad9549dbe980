// A stage run as a message: the pixels of its new frames in one buffer that is moved to the thread, not copied.
import { AnytimeError } from '../../errors.ts';
import type { ActivationHandle, StageInput } from '../../ports.ts';
import type { ToThread } from './protocol.ts';

export interface Run {
  readonly id: number;
  readonly stage: number;
  /** One per frame: the frame's own, or the one that a new frame gets. */
  readonly handles: readonly ActivationHandle[];
  readonly frames: readonly StageInput[];
  /** Length of one frame's pixels. */
  readonly pixelBytes: number;
}

/** The message for this run. The callers' pixel arrays stay theirs. Errors: bad-argument for a new frame without its pixels. */
export function packRun({ id, stage, handles, frames, pixelBytes }: Run): ToThread & { type: 'run' } {
  const isNew = frames.map(({ handle }) => handle === null);
  const pixels = new Uint8Array(isNew.filter(Boolean).length * pixelBytes);
  let at = 0;
  frames.forEach((frame, index) => {
    if (frame.handle !== null) return;
    if (frame.pixels?.length !== pixelBytes)
      throw new AnytimeError(
        'bad-argument',
        `Frame ${index}: expected ${pixelBytes} bytes of pixels, because it has no handle, got ${frame.pixels?.length ?? 'none'}`,
      );
    pixels.set(frame.pixels, at);
    at += pixelBytes;
  });
  return { type: 'run', id, stage, handles, isNew, pixels };
}
