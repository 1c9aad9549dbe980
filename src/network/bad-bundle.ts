// The error of a bundle that cannot be used.
import { AnytimeError } from '../errors.ts';

/** `where` names the file. */
export function badBundle(where: string, message: string, cause?: unknown): AnytimeError {
  return new AnytimeError('bad-bundle', `${where}: ${message}`, cause === undefined ? {} : { cause });
}
