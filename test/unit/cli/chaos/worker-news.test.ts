// What the workers' logs and ends tell.
import { expect, it } from 'vitest';
import { AwaySpans } from '../../../../src/cli/chaos/away-spans.ts';
import { residentBytes } from '../../../../src/cli/chaos/resident-memory.ts';
import { WorkerNews } from '../../../../src/cli/chaos/worker-news.ts';

const worker = { name: 'w1' } as Parameters<WorkerNews['ended']>[0];
const ending = (code: number | null, wasReady = true) => ({ code, signal: null, lastLines: ['last words'], wasReady });

it('a worker goes on without Redis until it says otherwise, or ends', () => {
  const away = new AwaySpans();
  const news = new WorkerNews(
    away,
    () => 900,
    () => {},
  );
  news.heard('w1', { event: 'degraded', what: 'depth-store', time: 50 });
  news.heard('w1', { event: 'degraded', what: 'budget-store', time: 100 });
  news.heard('w1', { event: 'recovered', what: 'budget-store', time: 200 });
  news.heard('w1', { event: 'degraded', what: 'budget-store', time: 700 });
  news.ended(worker, 'killed', ending(null));
  expect(away.spans(2000)).toEqual([
    { from: 100, to: 200 },
    { from: 700, to: 900 },
  ]);
});

it('tells who fell and who did not drain, with their last words; one that was not ready could not drain', () => {
  const lines: string[] = [];
  const news = new WorkerNews(
    new AwaySpans(),
    () => 0,
    (line) => lines.push(line),
  );
  news.ended(worker, 'drained', ending(0));
  news.ended(worker, 'drained', ending(1, false));
  news.ended(worker, 'killed', ending(null));
  expect(lines).toEqual([]);
  news.ended(worker, 'drained', ending(1));
  news.ended(worker, 'fell', ending(1));
  news.heard('w1', { event: 'engine-restarted' });
  expect([news.falls, news.drainsFailed, news.failedRuns]).toEqual([1, 1, 1]);
  expect(lines.join()).toContain('last words');
});

it('reads the resident set of a status file', () => {
  expect(residentBytes('Name:\tnode\nVmHWM:\t  900 kB\nVmRSS:\t  123 kB\n')).toBe(123 * 1024);
  expect(residentBytes('')).toBeNull();
});
