// Bytes that are no image are told before they are sent, not without end.
import { expect, it } from 'vitest';
import { noImageWarnings } from '../../../src/cli/no-image-warnings.ts';
import { greyPng } from '../../helpers/data-set-files.ts';

it('tells what is no image', async () => {
  const said: string[] = [];
  const check = noImageWarnings((line) => said.push(line));
  check({ path: 'good.jpg', bytes: await greyPng(7) }); // a name says nothing
  check({ path: 'x\n.jpg', bytes: Buffer.from('hello') });
  expect(said).toEqual([
    'Warning: the bytes of x\\u{a}.jpg are of no known image format (JPEG, PNG, WebP, AVIF, TIFF or GIF); sent all the same, it will be a dead letter',
  ]);
});

it('stops telling after some', () => {
  const said: string[] = [];
  const check = noImageWarnings((line) => said.push(line));
  for (let n = 0; n < 100; n++) check({ path: `${n}.jpg`, bytes: Buffer.alloc(0) });
  expect(said.map((line) => /of (\d\.jpg) are/.exec(line)?.[1])).toEqual([
    ...[0, 1, 2, 3, 4].map((n) => `${n}.jpg`),
    undefined,
  ]);
});
