// How many threads libuv has for what blocks: decodes, files, names, compression.

/** Threads of the pool of a process with this environment, as libuv reads it: what is no number counts as 0, and 0 as 1. */
export function poolThreads(environment: Readonly<Record<string, string | undefined>>): number {
  const said = environment['UV_THREADPOOL_SIZE'];
  return said === undefined ? 4 : Math.min(Math.max(Number.parseInt(said, 10) || 1, 1), 1024);
}
