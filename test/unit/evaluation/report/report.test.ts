// The document holds every section with the evaluation's figures, loads nothing, believes no text, and stays within its size.
import { beforeAll, describe, expect, it } from 'vitest';
import { exitSharesSection } from '../../../../src/evaluation/report/exit-shares.ts';
import { evaluationReport } from '../../../../src/evaluation/report/report.ts';
import type { ReportInput } from '../../../../src/evaluation/report/report-input.ts';
import { reportInput } from '../../../helpers/report-input.ts';

const SECTIONS = ['accuracy-cost', 'exits', 'exit-shares', 'reliability', 'wrong-frames', 'lost-frames', 'how-made'];

describe('a small report', () => {
  const classes = ['plain', '<script>alert(1)</script>', `"quoted' & co`];
  let input: ReportInput;
  let text: string;
  beforeAll(async () => {
    input = await reportInput({ exits: 3, frames: 90, classes });
    text = await evaluationReport(input);
  });

  it('has every section once', () => {
    expect([...text.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id)).toEqual(SECTIONS);
  });

  it('is self-contained: no script, no link, no address but that of the SVG name space', () => {
    expect(text.match(/<script|<link|<iframe|@import|url\((?!#)|\son\w+=/i)?.[0]).toBeUndefined();
    const addresses = [...text.matchAll(/https?:\/\/[^"' )]+/g)].map(([address]) => address);
    expect(new Set(addresses)).toEqual(new Set(['http://www.w3.org/2000/svg', 'http://www.w3.org/1999/xlink']));
    const sources = [...text.matchAll(/src="([^"]{22})/g)].map(([, start]) => start);
    expect(sources.length).toBeGreaterThan(0);
    expect(new Set(sources)).toEqual(new Set(['data:image/png;base64,']));
  });

  it('escapes class names, data names and commands', () => {
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).toContain('&quot;quoted&#39; &amp; co');
    expect(text).toContain('data &lt;of&gt; mine');
    expect(text).toContain('anytime evaluate --data &#39;data &lt;of&gt; mine&#39;');
  });

  it('says the figures of the evaluation', () => {
    const { exits, earlyExit } = input.evaluation;
    for (const exit of exits) expect(text).toContain(`<td>${(100 * exit.accuracy).toFixed(2)} %</td>`);
    expect(text).toContain(`${earlyExit.meanPasses.toFixed(3)} passes`);
    expect(text.match(/<figcaption>ECE/g)).toHaveLength(3);
  });

  it('names the chosen row of the figure so that its name is whole, whatever the thresholds are; the table tells them', async () => {
    const minConfidence = [0.9, 0.8, 0];
    const { evaluation } = input;
    const earlyExit = { ...evaluation.earlyExit, minConfidence };
    const section = exitSharesSection({ ...input, evaluation: { ...evaluation, earlyExit } }).text;
    const figure = section.slice(section.indexOf('<svg'), section.indexOf('</svg>'));
    expect(figure).toContain('>chosen</text>');
    expect(figure).not.toContain('by exit</text>');
    expect(section).toContain('<th scope="row">chosen: 0.9 | 0.8 | 0 by exit</th>');
  });

  it('says where the temperatures come from apart from where the tables do, which calibrating counts anew', () => {
    expect(text).toContain('<th scope="row">temperatures fitted on</th><td>frames held out of none by seed 0</td>');
    expect(text).toContain('<th scope="row">tables counted on</th><td>nothing: random weights</td>');
  });

  it('says what the temperatures did, here and on the held-out frames; nothing where they are not known', async () => {
    for (const { calibration } of input.evaluation.exits) {
      if (calibration === null) throw new Error('Expected a bundle that tells its temperatures');
      const { before, after } = calibration;
      expect(text).toContain(
        `<td>1.50</td><td>${before.error.toFixed(3)} → ${after.error.toFixed(3)}</td><td>${before.separation?.toFixed(3)} → ${after.separation?.toFixed(3)}</td><td>0.123 → 0.032</td><td>0.710 → –</td>`,
      );
    }
    expect(text).toContain('fitted on frames held out of none by seed 0. Held out: nothing: random weights.');
    const exits = input.evaluation.exits.map((exit) => ({ ...exit, calibration: null }));
    const older = await evaluationReport({ ...input, evaluation: { ...input.evaluation, exits } });
    expect(older).not.toContain('id="temperatures"');
  });
});

it('stays below 8 MB with many exits, large noisy frames and long class names', { timeout: 60_000 }, async () => {
  const classes = Array.from({ length: 40 }, (_, c) => `${c}${'<&>'.repeat(30)}`);
  const text = await evaluationReport(await reportInput({ exits: 12, frames: 400, classes, side: 128 }));
  const thumbnails = text.match(/<img /g)?.length ?? 0;
  expect(thumbnails).toBeGreaterThan(200);
  expect(thumbnails).toBeLessThanOrEqual(300);
  expect(Buffer.byteLength(text)).toBeLessThan(8e6);
});
