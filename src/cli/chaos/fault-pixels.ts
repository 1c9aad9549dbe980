// Frames of one even colour tell the chaos program's engine thread and decoder what to do: no product code knows of them.

export type Colour = readonly [red: number, green: number, blue: number];

export const COLOURS = {
  'crashes-engine': [255, 0, 255],
  'hangs-engine': [0, 255, 255],
  'kills-worker': [255, 255, 0],
  /** Where no thread can be ended; `hangs-engine` hangs where it can. */
  'hangs-natively': [0, 0, 255],
  /** Takes long to decode. */
  slow: [0, 255, 0],
} as const satisfies Readonly<Record<string, Colour>>;

export type Order = keyof typeof COLOURS;

const ORDERS = Object.keys(COLOURS) as Order[];

/** The order in these pixels [height × width × 3]; null for a frame of more than one colour, or of any other. */
export function orderIn(pixels: Uint8Array): Order | null {
  const order = ORDERS.find((name) => COLOURS[name].every((value, i) => pixels[i] === value));
  if (order === undefined || pixels.length % 3 !== 0) return null;
  const [r, g, b] = COLOURS[order];
  for (let i = 3; i < pixels.length; i += 3)
    if (pixels[i] !== r || pixels[i + 1] !== g || pixels[i + 2] !== b) return null;
  return order;
}
