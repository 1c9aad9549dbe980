// Reads a file of a data set, no more of it than an image may have: whoever made the folder is not trusted.
import { DEFAULT_MAX_BYTES } from '../../adapters/codec/decode-image.ts';
import { AnytimeError, messageOf } from '../../errors.ts';
import { readRegularFile } from '../../read-regular-file.ts';

/** Its bytes; of a longer one so many that it is refused where it is decoded. Errors: bad-data-set when it is no file, or cannot be read. */
export async function readImageFile(path: string): Promise<Buffer> {
  const bytes = await readRegularFile(path, (size) => Math.min(size, DEFAULT_MAX_BYTES + 1)).catch((cause: unknown) => {
    throw new AnytimeError('bad-data-set', `Expected ${path} to be a file that can be read, got: ${messageOf(cause)}`, {
      cause,
    });
  });
  if (bytes) return bytes;
  throw new AnytimeError('bad-data-set', `${path}: Expected an image file, got a folder, pipe or device`);
}
