// How far V8 lets a heap grow between two full collections. By default to four times what lives in it, in each thread: where little is
// allocated, an hour passes before the garbage goes, and the memory of the process creeps upwards meanwhile.
import { setFlagsFromString } from 'node:v8';

/** A heap may grow by this share of what lives in it (8 MB at least, V8's own step), and by its young generation. */
const GROWTH_PERCENT = 10;

/** For every thread of this process, those that are started later too. A full collection here is mostly done beside the thread. */
export function keepHeapsTight(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
