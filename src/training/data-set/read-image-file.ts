// Reads a file of a data set, no more of it than an image may have: whoever made the folder is not trusted.
import { open } from 'node:fs/promises';
import { DEFAULT_MAX_BYTES } from '../../adapters/codec/decode-image.ts';

/** Its bytes; of a longer one so many that it is refused where it is decoded. */
export async function readImageFile(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, DEFAULT_MAX_BYTES + 1));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
