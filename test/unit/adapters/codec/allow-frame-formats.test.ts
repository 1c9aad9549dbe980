// Behind this wall the image library reads frame formats from memory and nothing else. It stands for the whole process.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { allowFrameFormatsOnly } from '../../../../src/adapters/codec/allow-frame-formats.ts';
import { createSharpDecoder } from '../../../../src/adapters/codec/sharp-decoder.ts';

const SVG = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="/etc/passwd"/></svg>',
);
const folder = mkdtempSync(join(tmpdir(), 'formats-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('frames of every format and raw pixels decode; SVG and files do not', async () => {
  const red = sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } });
  const png = join(folder, 'frame.png');
  writeFileSync(png, await red.clone().png().toBuffer());
  expect((await sharp(SVG).metadata()).format).toBe('svg'); // before the wall stands
  allowFrameFormatsOnly();
  const decoder = createSharpDecoder({ width: 4, height: 4, maxPixels: 1e6, maxBytes: 1e6 });
  for (const format of ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const) {
    const bytes = await red.clone().toFormat(format).toBuffer();
    expect(await decoder.decode(bytes, { kind: 'image' }, null), format).toHaveLength(48);
  }
  expect(await decoder.decode(new Uint8Array(300), { kind: 'rgb24', width: 10, height: 10 }, null)).toHaveLength(48);
  await expect(sharp(SVG).metadata()).rejects.toThrow();
  await expect(sharp(png).metadata()).rejects.toThrow();
});
