// Several asynchronous jobs at once, their results in order: reading and drawing ahead of the consumer.

/**
 * Yields `make(0)`, `make(1)` … `make(count − 1)` in order, with up to `ahead` of them under way. A failure is thrown at
 * its place; failures of jobs that the consumer no longer waits for are dropped.
 */
export async function* inOrder<T>(
  count: number,
  ahead: number,
  make: (index: number) => Promise<T>,
): AsyncGenerator<T, void, undefined> {
  const running: Promise<T>[] = [];
  let begun = 0;
  while (begun < count || running.length > 0) {
    while (begun < count && running.length < ahead) {
      const job = make(begun++);
      job.catch(() => {}); // thrown where it is awaited
      running.push(job);
    }
    yield await (running.shift() as Promise<T>);
  }
}
