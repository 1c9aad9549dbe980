import { expect, test } from 'vitest';
import { lineChart } from '../../../src/charts/line-chart.ts';

const options = {
  title: 'Error & cost <b>',
  x: { name: 'MMAC' },
  y: { name: 'error' },
  lines: [{ name: 'sieve', points: [[1, 0.3] as const, [4, 0.1] as const], spread: [0.02, 0.01] }],
};

test('draws one self-contained SVG with title, axes and legend', () => {
  const svg = lineChart(options);
  expect(svg).toMatch(/^<svg /);
  expect(svg).not.toMatch(/<script|href="http/);
  for (const text of ['sieve', 'MMAC', 'error']) expect(svg).toContain(text);
});

test('escapes text', () => {
  expect(lineChart(options)).toContain('Error &amp; cost &lt;b&gt;');
});

test('draws an error bar a point more than without spread', () => {
  const [line] = options.lines;
  const bare = lineChart({ ...options, lines: [{ name: 'sieve', points: line?.points ?? [] }] });
  expect(lineChart(options).match(/<path/g)?.length).toBeGreaterThan(bare.match(/<path/g)?.length ?? 0);
});
