import { expect, test } from 'vitest';
import { reliabilityChart } from '../../../src/charts/reliability-chart.ts';

const buckets = [
  { upTo: 0.5, frames: 0, accuracy: null, meanConfidence: null },
  { upTo: 1, frames: 1234, accuracy: 0.75, meanConfidence: 0.8 },
];

test('draws one self-contained SVG with title, edges and counts', () => {
  const svg = reliabilityChart({ title: 'Exit <1>', buckets });
  expect(svg).toMatch(/^<svg /);
  expect(svg).not.toMatch(/<script|href="http/);
  for (const text of ['Exit &lt;1&gt;', '>0.5<', '>1.0<', '>1234<', 'confidence shown']) expect(svg).toContain(text);
});

test('draws no bar and no mark where no frame was', () => {
  const marks = (svg: string) => svg.match(/fill="#d14a3a"/g)?.length ?? 0;
  const [empty, full] = buckets as [(typeof buckets)[0], (typeof buckets)[0]];
  expect(marks(reliabilityChart({ title: '', buckets: [full, full] }))).toBe(
    marks(reliabilityChart({ title: '', buckets: [empty, full] })) + 1,
  );
});
