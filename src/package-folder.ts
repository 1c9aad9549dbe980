// Where this package lies: what ships with it (models, test frames) is found from here, whatever the current folder is.
import { join } from 'node:path';

/** From TypeScript (src/) and compiled (dist/src/) alike. */
export const PACKAGE_FOLDER = import.meta.url.endsWith('.ts')
  ? join(import.meta.dirname, '..')
  : join(import.meta.dirname, '..', '..');
