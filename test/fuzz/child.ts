// Tries inputs one after another and tells its parent when it begins and of each: a process of its own, so that a crash of native code is seen and counted.
// Arguments: seed, first input, end (not included), folder or tar of images.
import { allowFrameFormatsOnly } from '../../src/adapters/codec/allow-frame-formats.ts';
import { tryInput } from './one-input.ts';
import { realImages } from './real-images.ts';

const [seed = 0, from = 0, end = 0] = process.argv.slice(2).map(Number);
const images = await realImages(process.argv[5] ?? '');
allowFrameFormatsOnly();
process.send?.('ready');
for (let index = from; index < end; index++) {
  const outcome = await tryInput(images, seed, index);
  process.send?.({ index, outcome, maxRssBytes: process.resourceUsage().maxRSS * 1024 });
}
process.disconnect();
