// What tests do without servers that they need.

/** Says what is missing. With CI set (to anything but false) it throws instead, so that a skip can't pass for a success. */
export function skipLoudly(message: string, { CI = 'false' }: NodeJS.ProcessEnv = process.env): null {
  if (CI !== 'false' && CI !== '') throw new Error(message);
  console.error(`\n!!! SKIPPED: ${message}\n`);
  return null;
}
