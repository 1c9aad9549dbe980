// Mends how kafkajs 2.2.4 gathers a record's headers: it copies all of them for each one, so that a small record with ten thousand
// headers blocks the event loop for half a minute, and the group loses the worker. Here each header is touched once.
import { createRequire } from 'node:module';
import { mendOnce } from './mend-once.ts';

interface Header {
  readonly key: string;
  readonly value: Buffer | null;
}

interface Decoder {
  /** Used for the headers of a record only; kafkajs calls `reduce` on what it returns. */
  readVarIntArray(reader: (decoder: Decoder) => Header): Header[];
}

/** Patches the class once per process; calling it again changes nothing. */
export function mendRecordHeaders(): void {
  const decoderClass = createRequire(import.meta.url)('kafkajs/src/protocol/decoder') as { prototype: Decoder };
  mendOnce(decoderClass.prototype, (prototype) => {
    const read = prototype.readVarIntArray;
    prototype.readVarIntArray = function (reader) {
      const headers = read.call(this, reader);
      return Object.defineProperty(headers, 'reduce', { value: () => gathered(headers) });
    };
  });
}

/** As kafkajs has them: a header named once with its value, one named several times with all of them. */
function gathered(headers: readonly Header[]): Record<string, Header['value'] | Header['value'][]> {
  const valuesOf = new Map<string, Header['value'][]>();
  for (const { key, value } of headers) {
    const values = valuesOf.get(key);
    if (values) values.push(value);
    else valuesOf.set(key, [value]);
  }
  const one = (values: Header['value'][]) => (values.length === 1 ? (values[0] ?? null) : values);
  return Object.fromEntries([...valuesOf].map(([key, values]) => [key, one(values)]));
}
