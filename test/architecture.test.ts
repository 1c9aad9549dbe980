// The layers hold: who may import whom, which library belongs where, and no source file is longer than 300 lines.
import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { expect, it } from 'vitest';

/** What the files of a folder may import from src and workers; a folder not named here may import anything. */
const MAY_IMPORT: Record<string, RegExp> = {
  'src/core/': /^src\/(core\/|errors)/,
  'src/ports.ts': /^src\/(core\/|errors)/,
  'src/pipeline/': /^src\/(pipeline\/|core\/|ports|errors)/,
  'src/network/': /^src\/(network\/|core\/|ports|errors|read-regular-file)/,
  'src/training/':
    /^src\/(training\/|network\/|evaluation\/|adapters\/codec\/|adapters\/tfjs\/|core\/|ports|errors|start-thread|read-regular-file)/,
  'src/evaluation/':
    /^src\/(evaluation\/|charts\/|training\/data-set\/|network\/|adapters\/tfjs\/|core\/|ports|errors)/,
  ...Object.fromEntries(
    ['kafka', 'redis', 'memory', 'tfjs', 'codec', 'system'].map((own) => [
      `src/adapters/${own}/`,
      new RegExp(`^(src/(adapters/${own}/|network/|core/|ports|errors|start-thread|timer)|workers/)`),
    ]),
  ),
};
/** Where a library may be imported. */
const LIBRARY_HOME: readonly (readonly [RegExp, RegExp])[] = [
  [/^kafkajs/, /^src\/adapters\/kafka\//],
  [/^ioredis/, /^src\/adapters\/redis\//],
  [/^@tensorflow\//, /^src\/(adapters\/tfjs|network|training|evaluation)\/|^src\/cli\/setup-tensorflow\.ts/],
];
const sources = ['src', 'workers'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
);
const importsOf = (path: string) =>
  [...readFileSync(path, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name]) =>
    name?.startsWith('.') ? normalize(join(path, '..', name)).replaceAll('\\', '/') : (name ?? ''),
  );

it.each(sources)('%s', (path) => {
  expect(readFileSync(path, 'utf8').split('\n').length, 'lines').toBeLessThanOrEqual(301);
  expect(readFileSync(path, 'utf8'), 'a first line that says what the file is for').toMatch(/^(#!.*\n)?\/\/ \S/);
  const allowed = Object.entries(MAY_IMPORT).find(([folder]) => path.startsWith(folder))?.[1];
  for (const name of importsOf(path)) {
    if (/^(src|workers)\//.test(name) && allowed !== undefined) expect(name, `imported by ${path}`).toMatch(allowed);
    if (path.startsWith('src/core/') && !/^(src|node:)/.test(name)) expect(name, `library in ${path}`).toBe('zod');
    if (path.startsWith('src/core/')) expect(name, 'core does no I/O').not.toMatch(/^node:/);
    for (const [library, home] of LIBRARY_HOME) if (library.test(name)) expect(path, `imports ${name}`).toMatch(home);
  }
  if (/^src\/(core|pipeline)\//.test(path))
    expect(readFileSync(path, 'utf8'), 'no clock, randomness or environment').not.toMatch(
      /process\.env|Date\.now|Math\.random/,
    );
});
