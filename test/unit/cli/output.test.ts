// Output: stdout belongs to the JSON document under --json, colours only where a person looks.
import { expect, it } from 'vitest';
import { createOutput } from '../../../src/cli/output.ts';

function streams() {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    isTTY: false,
    write: (text: string) => {
      written[name] += text;
      return true;
    },
  });
  return { written, streams: { stdout: stream('stdout'), stderr: stream('stderr') } };
}

it('says lines on stdout and prints no document for people', () => {
  const { written, streams: to } = streams();
  const output = createOutput(false, to);
  output.say('hello');
  output.document({ a: 1 });
  expect(written).toEqual({ stdout: 'hello\n', stderr: '' });
});

it('keeps stdout for the document under --json', () => {
  const { written, streams: to } = streams();
  const output = createOutput(true, to);
  output.say('hello');
  output.document({ a: 'two\nlines' });
  expect(written).toEqual({ stdout: '{"a":"two\\nlines"}\n', stderr: 'hello\n' });
});

it('paints nothing where no terminal is', () => {
  expect(createOutput(false, streams().streams).colours.red('x')).toBe('x');
});
