// What `anytime train --help` says is what happens.
import { expect, it } from 'vitest';
import { trainCommand } from '../../../../src/cli/commands/train.ts';
import { PRESETS, presetNetwork } from '../../../../src/training/presets.ts';

it('tells the width that each preset has', () => {
  const help = trainCommand().helpInformation().replace(/\s+/g, ' ');
  for (const preset of PRESETS) {
    const [, width] = new RegExp(`(\\d+) for ${preset}[,)]`).exec(help) ?? [];
    expect(presetNetwork(preset, Number(width))).toEqual(presetNetwork(preset));
  }
});
