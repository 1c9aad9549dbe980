// The mends of kafkajs change modules that the whole process shares.

/** `mend` what is exported by a module of kafkajs, or a module itself; a second time changes nothing. `fault`: where one export has several. */
export function mendOnce<Exported extends object>(
  exported: Exported,
  mend: (exported: Exported) => void,
  fault = '',
): void {
  const mended = Symbol.for(`anytime-stream.mended${fault && `.${fault}`}`);
  if (Object.hasOwn(exported, mended)) return;
  mend(exported);
  Object.defineProperty(exported, mended, { value: true });
}
