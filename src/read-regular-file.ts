// Reads a file that somebody else laid there: never a pipe or a device, and no more of it than was asked for.
import { constants, open } from 'node:fs/promises';

/**
 * Its first `bytesOf(size)` bytes, where `size` is its own; null when there is no file at the path but a folder, pipe or device.
 * One look at the open file decides: it cannot be another or a longer one by then, and a pipe does not hold us up.
 * Errors: those of the file system, and whatever `bytesOf` throws about the size.
 */
export async function readRegularFile(path: string, bytesOf: (size: number) => number): Promise<Buffer | null> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)); // Windows has no such flag
  try {
    const about = await file.stat();
    if (!about.isFile()) return null;
    const bytes = Buffer.alloc(bytesOf(about.size));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
