// All values of an async iterable, as Array.fromAsync gives them from Node 22 on.
export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}
