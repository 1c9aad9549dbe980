// What the documents promise is what the code does: the published schema, the README's example record, its settings and commands.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { resultJsonSchema } from '../../src/cli/commands/schema.ts';
import { ResultSchema } from '../../src/core/result.ts';

const readme = readFileSync('README.md', 'utf8');

it('the published schema is the one that workers write by (`anytime schema > src/core/result.schema.json`)', () => {
  expect(JSON.parse(readFileSync('src/core/result.schema.json', 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(resultJsonSchema())),
  );
});

it("the README's example record is a result record", () => {
  const example = /```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  expect(ResultSchema.safeParse(JSON.parse(example)).error).toBeUndefined();
});

it('every npm script that the README names exists', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const named = [...readme.matchAll(/npm (?:run )?([a-z0-9:]+)/g)].map(([, name]) => name ?? '');
  const known = [...Object.keys(scripts), 'install', 'ci', 'registry'];
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
  expect(named.length).toBeGreaterThan(3);
});
