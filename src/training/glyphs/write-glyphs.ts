// Writes glyph frames as a data set: a folder per class, or the same folders in one tar, with a manifest that says how.
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { AnytimeError, messageOf } from '../../errors.ts';
import { GLYPH_CLASSES } from './classes.ts';
import { type GlyphOptions, glyphFiles } from './generate.ts';
import { familiesOf } from './more-fonts.ts';

/** Where a file of the data set goes. */
interface Target {
  put(name: string, bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

/**
 * Write `CLASS/INDEX.jpg` for every frame to a folder, or to a tar when `out` ends in .tar; the same options give the same
 * bytes. The manifest lies at FOLDER/manifest.json, or beside the tar as NAME.json. Errors: bad-data-set
 * (fonts missing), bad-argument (cannot write there).
 */
export async function writeGlyphs(
  out: string,
  options: GlyphOptions,
  onProgress: (done: number) => void = () => {},
): Promise<{ manifest: string }> {
  try {
    const isTar = out.endsWith('.tar');
    const target = isTar ? await openTar(out) : openFolder(out);
    let done = 0;
    for await (const frame of glyphFiles(options)) {
      await target.put(`${frame.label}/${String(frame.index).padStart(6, '0')}.jpg`, frame.jpeg);
      onProgress(++done);
    }
    await target.close();
    const manifest = isTar ? out.replace(/\.tar$/, '.json') : join(out, 'manifest.json');
    await writeFile(manifest, `${JSON.stringify(await describe(isTar, options), null, 2)}\n`);
    return { manifest };
  } catch (cause) {
    if (cause instanceof AnytimeError) throw cause;
    throw new AnytimeError(
      'bad-argument',
      `Expected ${out} to be a place to write glyph frames to, got: ${messageOf(cause)}`,
      { cause },
    );
  }
}

async function describe(isTar: boolean, { count, seed, split }: GlyphOptions) {
  const out = isTar ? 'FILE.tar' : 'DIR';
  return {
    command: `anytime glyphs --out ${out} --count ${count} --seed ${seed} --split ${split}`,
    count,
    seed,
    split,
    classes: GLYPH_CLASSES,
    fonts: (await familiesOf(split)).map(([family]) => `@fontsource/${family}`),
  };
}

function openFolder(out: string): Target {
  return {
    async put(name, bytes) {
      await mkdir(dirname(join(out, name)), { recursive: true });
      await writeFile(join(out, name), bytes);
    },
    async close() {},
  };
}

async function openTar(out: string): Promise<Target> {
  await mkdir(dirname(out), { recursive: true });
  const tar = pack();
  const file = createWriteStream(out);
  tar.pipe(file);
  const written = finished(file);
  written.catch(() => {}); // thrown by put or close
  const put = (name: string, bytes: Buffer) =>
    new Promise<void>((resolve, reject) => {
      // a fixed time: the same frames make the same tar
      tar.entry({ name, mtime: new Date(0) }, bytes, (error) => (error ? reject(error) : resolve()));
    });
  return {
    put: (name, bytes) => Promise.race([put(name, bytes), written]),
    async close() {
      tar.finalize();
      await written;
    },
  };
}
