// The mends of kafkajs change modules that the whole process shares.
const MENDED = Symbol.for('anytime-stream.mended');

/** `mend` what is exported by a module of kafkajs, or a module itself; a second time changes nothing. */
export function mendOnce<Exported extends object>(exported: Exported, mend: (exported: Exported) => void): void {
  if (Object.hasOwn(exported, MENDED)) return;
  mend(exported);
  Object.defineProperty(exported, MENDED, { value: true });
}
