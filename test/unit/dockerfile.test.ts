// What the images must have, whatever else changes in them.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('no worker runs as root', () => {
  const stages = readFileSync('Dockerfile', 'utf8')
    .split(/^(?=FROM )/m)
    .filter((stage) => /^CMD /m.test(stage));
  expect(stages.map((stage) => / AS (\S+)/.exec(stage)?.[1])).toEqual(['worker-gpu', 'worker']);
  for (const stage of stages) expect(/^USER (?!root)\S+$[\s\S]*^CMD /m.exec(stage), stage).not.toBeNull();
});
