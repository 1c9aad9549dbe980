// Galleries: wrong answers only, the surest first, at most 24 of an exit; lost frames are those right early and wrong at the last exit.
import { expect, it } from 'vitest';
import { lostFramesSection, wrongFramesSection } from '../../../../src/evaluation/report/wrong-frames.ts';
import { reportInput } from '../../../helpers/report-input.ts';

it('shows at most 24 wrong frames of each exit, the surest first', async () => {
  const input = await reportInput({ exits: 2, frames: 120, classes: ['a', 'b', 'c'] });
  const [, ...exits] = (await wrongFramesSection(input)).text.split('<h3>');
  expect(exits).toHaveLength(2);
  for (const [index, text] of exits.entries()) {
    const answers = input.answers[index];
    const isWrong = [...input.frames.labels].map((label, f) => answers?.classes[f] !== label);
    const wrong = isWrong.filter(Boolean).length;
    expect(text).toContain(`Exit ${index + 1}: ${wrong} of 120 wrong`);
    const shown = [...text.matchAll(/alt="frame (\d+): /g)].map(([, frame]) => Number(frame));
    expect(shown).toHaveLength(Math.min(24, wrong));
    expect(shown.every((frame) => isWrong[frame])).toBe(true);
    const sure = shown.map((frame) => answers?.confidences[frame] as number);
    expect(sure).toEqual([...sure].sort((a, b) => b - a));
  }
});

it('shows frames that are lost by going deeper, with the exit that had them right', async () => {
  const input = await reportInput({ exits: 3, frames: 60, classes: ['a', 'b', 'c'] });
  const text = (await lostFramesSection(input)).text;
  const rightAt = [...input.frames.labels].map((label, f) => input.answers.map(({ classes }) => classes[f] === label));
  const lost = rightAt.filter((right) => right.includes(true) && right.at(-1) === false).length;
  expect(lost).toBeGreaterThan(0);
  expect(text).toContain(`${lost} of 60 frames`);
  const [, frame, exit] = text.match(/alt="frame (\d+): [\s\S]*?right at exit (\d)/) ?? [];
  expect(rightAt[Number(frame)]?.indexOf(true)).toBe(Number(exit) - 1);
});
