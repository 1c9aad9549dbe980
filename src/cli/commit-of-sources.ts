// Which sources a model or a study was made with.
import { execFileSync } from 'node:child_process';
import { PACKAGE_FOLDER } from '../package-folder.ts';

/** Short commit; "unknown" outside a git checkout. */
export function commitOfSources(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
      cwd: PACKAGE_FOLDER, // whatever the current folder's repository is
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
