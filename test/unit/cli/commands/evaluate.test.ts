// `anytime evaluate` refuses what would have no effect.
import { expect, it } from 'vitest';
import { evaluateCommand } from '../../../../src/cli/commands/evaluate.ts';

it('refuses a study that nothing would show', async () => {
  const flags = ['--model', '/nowhere', '--data', '/nowhere', '--study', 'study.json'];
  await expect(evaluateCommand().parseAsync(flags, { from: 'user' })).rejects.toMatchObject({
    ...{ code: 'bad-argument', message: 'Expected `--study` together with `--report` or `--json`, got neither' },
  });
});
