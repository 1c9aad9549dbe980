// IEEE 754 half-precision numbers ↔ float32: weights take half the space on disk. Node 20 has no Float16Array.

const word = new DataView(new ArrayBuffer(4));

/** The half nearest to `value` (ties to even) as its 16 bits; ±infinity above 65,504. */
export function toHalf(value: number): number {
  word.setFloat32(0, value);
  const bits = word.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const rest = bits & 0x7fffffff;
  if (rest > 0x7f800000) return sign | 0x7e00; // not a number
  if (rest >= 0x477ff000) return sign | 0x7c00; // rounds to 65,536 or more: infinity
  if (rest >= 0x38800000) return sign | roundedShift(rest - 0x38000000, 13); // normal: exponent re-based from 127 to 15
  if (rest < 0x33000000) return sign; // below half of the smallest subnormal
  // Subnormal: the mantissa with its hidden bit, shifted until its unit is 2⁻²⁴.
  return sign | roundedShift((rest & 0x7fffff) | 0x800000, 126 - (rest >>> 23));
}

function roundedShift(bits: number, by: number): number {
  const kept = bits >>> by;
  const dropped = bits & (2 ** by - 1);
  const half = 2 ** (by - 1);
  return dropped > half || (dropped === half && (kept & 1) === 1) ? kept + 1 : kept;
}

/** The number that these 16 bits stand for. */
export function fromHalf(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
