// One line of `anytime doctor`: what was looked at, how it is, and what to do about it.

export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do; null where nothing needs to be done. */
  readonly advice: string | null;
}

export const ok = (name: string, found: string): Check => ({ name, state: 'ok', found, advice: null });
/** Something that can be done without. */
export const warn = (name: string, found: string, advice: string): Check => ({ name, state: 'warn', found, advice });
/** Something that is needed. */
export const fail = (name: string, found: string, advice: string): Check => ({ name, state: 'fail', found, advice });
