// Which sources a model or a study was made with.
import { execFileSync } from 'node:child_process';

/** Short commit; "unknown" outside a git checkout. */
export function commitOfSources(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
