import { expect, test } from 'vitest';
import { shareChart } from '../../../src/charts/share-chart.ts';

const options = {
  title: 'Where frames leave',
  parts: ['exit <1>', 'exit 2'],
  rows: [
    { name: 'at 0.5', shares: [0.97, 0.03] },
    { name: 'at 0.9', shares: [0.4, 0.6] },
  ],
};

test('draws one self-contained SVG with parts, rows and the shares of slices that have room', () => {
  const svg = shareChart(options);
  expect(svg).toMatch(/^<svg /);
  expect(svg).not.toMatch(/<script|href="http/);
  for (const text of ['exit &lt;1&gt;', 'exit 2', 'at 0.5', 'at 0.9', '>97<', '>40<', '>60<'])
    expect(svg).toContain(text);
  expect(svg).not.toContain('>3<');
});

test('grows with its rows', () => {
  const heightOf = (svg: string) => Number(svg.match(/height="(\d+)"/)?.[1]);
  expect(heightOf(shareChart(options))).toBeGreaterThan(heightOf(shareChart({ ...options, rows: [] })));
});
