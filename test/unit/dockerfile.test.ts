// What the images run as: frames come from strangers, so no worker runs as root.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Stage {
  readonly name: string;
  readonly lines: readonly string[];
}

/** Stages of the Dockerfile with their instructions, one a line. */
function stages(): Stage[] {
  const text = readFileSync('Dockerfile', 'utf8').replaceAll('\\\n', ' ');
  return text
    .split(/^(?=FROM )/m)
    .filter((stage) => stage.startsWith('FROM '))
    .map((stage) => ({ name: /^FROM .* AS (\S+)/.exec(stage)?.[1] ?? '', lines: stage.split('\n') }));
}

const runnable = stages().filter(({ lines }) => lines.some((line) => line.startsWith('CMD ')));

it('there is an image for the CPU and one for GPUs', () => {
  expect(runnable.map(({ name }) => name).sort()).toEqual(['worker', 'worker-gpu']);
});

it.each(runnable)('$name does not run as root', ({ lines }) => {
  const user = lines
    .filter((line) => line.startsWith('USER '))
    .at(-1)
    ?.split(/\s+/)[1];
  expect(user, 'a USER').toBeDefined();
  expect(user).not.toMatch(/^(root|0)(:|$)/);
  const isMadeHere = lines.some((line) => line.startsWith('RUN useradd ') && line.endsWith(` ${user}`));
  const isOfNodeImage = user === 'node' && lines[0]?.startsWith('FROM node:');
  expect(isMadeHere || isOfNodeImage, `the user ${user} exists`).toBe(true);
});

it.each(runnable)(
  '$name has an init for its first process: a worker that hangs can be killed, by itself too',
  ({ lines }) => {
    expect(lines).toContain('ENTRYPOINT ["tini", "--"]');
    expect(lines.some((line) => /^RUN apt-get .* install .*\btini\b/.test(line))).toBe(true);
  },
);

it.each(runnable)('$name keeps nothing it needs where only root can read', ({ lines }) => {
  for (const line of lines.filter((one) => one.includes('setup:tensorflow')))
    expect(line).toMatch(/^RUN XDG_CACHE_HOME=\/(?!root)\S+ npm run setup:tensorflow$/);
});
