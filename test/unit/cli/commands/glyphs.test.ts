import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { describe, expect, it, vi } from 'vitest';
import { glyphsCommand } from '../../../../src/cli/commands/glyphs.ts';
import { scratchFolder } from '../../../helpers/data-set-files.ts';

/** Runs the command; answers what it wrote to stdout, or the error text when it refused. */
async function run(...flags: string[]): Promise<string> {
  let errors = '';
  const command = glyphsCommand()
    .exitOverride()
    .configureOutput({ writeErr: (text) => (errors += text) });
  const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    await command.parseAsync(flags, { from: 'user' });
    return stdout.mock.calls.map(([text]) => String(text)).join('');
  } catch (error) {
    if (error instanceof CommanderError) return errors;
    throw error;
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

describe('anytime glyphs', () => {
  it('writes a folder per class and ends with one JSON document', async () => {
    const out = join(await scratchFolder(), 'set');
    const document = JSON.parse(await run('--out', out, '--count', '32', '--seed', '5', '--split', 'test', '--json'));
    expect(document).toMatchObject({ out, count: 32, seed: 5, split: 'test', manifest: join(out, 'manifest.json') });
    expect(await readdir(out)).toHaveLength(33);
  });

  it.each([
    [['--count', '4.5'], /`--count` to be a number of frames .*got "4\.5"/],
    [['--count', '0'], /`--count` to be a number of frames .*got "0"/],
    [['--seed', 'x'], /`--seed` to be a seed .*got "x"/],
    [['--split', 'val'], /Allowed choices are train, wide, test/],
    [['--bogus'], /unknown option '--bogus'/],
  ])('refuses %j', async (flags, message) => {
    expect(await run('--out', '/nowhere', ...flags)).toMatch(message);
  });

  it('wants to know where to', async () => {
    expect(await run()).toMatch(/required option '--out <path>' not specified/);
  });
});
