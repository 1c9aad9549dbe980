// Send until the broker acknowledges, and only what is still ours to say: whoever has a partition now says what is to be said of its frames.
import type { Frame } from '../core/frame.ts';
import type { PipelineContext } from './context.ts';
import { type RetryContext, retry } from './retry.ts';

/** What `send` is given as often as it takes: those whose partition is still ours. Returns those that were acknowledged. */
export async function untilSent<T extends { readonly frame: Frame }>(
  what: string,
  wanted: readonly T[],
  send: (current: readonly T[]) => Promise<void>,
  { partitions, retryContext }: Pick<PipelineContext, 'partitions'> & { readonly retryContext: RetryContext },
): Promise<readonly T[]> {
  let current: readonly T[] = [];
  const attempt = async () => {
    current = wanted.filter(({ frame }) => partitions.isCurrent(frame.record));
    if (current.length > 0) await send(current);
  };
  await retry(what, attempt, retryContext);
  return current;
}
