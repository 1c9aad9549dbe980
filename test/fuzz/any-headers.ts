// Header maps of strangers, for fast-check: known names and others, values of every kind.
import fc from 'fast-check';

const NAMES = [
  ...['ce_id', 'ce_source', 'ce_type', 'ce_time', 'ce_specversion', 'content-type', 'traceparent', 'deadline'],
  ...[
    'deadline-ms',
    'budget',
    'min-confidence',
    'max-stage',
    'priority',
    'width',
    'height',
    '__proto__',
    'constructor',
  ],
];
const GOOD = [
  '1.0',
  'image/png',
  'application/x-raw-rgb24',
  '0.5',
  '5',
  '1e3',
  '2026-01-01T00:00:00Z',
  `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
];
const value = fc.oneof(
  fc.constantFrom(...GOOD).map((text) => Buffer.from(text)),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text)),
  fc.double().map((number) => Buffer.from(String(number))),
  fc.bigInt().map((number) => Buffer.from(String(number))),
  fc.uint8Array({ maxLength: 64 }),
  fc.integer({ min: 1000, max: 100_000 }).map((length) => Buffer.alloc(length, '9')),
);
/** As records have them. */
export const anyHeaders: fc.Arbitrary<Record<string, Uint8Array>> = fc
  .array(fc.tuple(fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...NAMES) }, fc.string({ maxLength: 20 })), value), {
    maxLength: 6,
  })
  .map((entries) => Object.fromEntries(entries));
