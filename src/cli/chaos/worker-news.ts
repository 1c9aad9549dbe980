// What the workers' logs and ends tell a chaos run: when one went on without Redis, failed stage runs, falls.
import type { AwaySpans } from './away-spans.ts';
import type { ChaosWorker, Ending, LogLine } from './chaos-worker.ts';

export class WorkerNews {
  readonly #away: AwaySpans;
  readonly #now: () => number;
  readonly #say: (line: string) => void;
  failedRuns = 0;
  falls = 0;
  drainsFailed = 0;

  constructor(away: AwaySpans, now: () => number, say: (line: string) => void) {
    this.#away = away;
    this.#now = now;
    this.#say = say;
  }

  readonly heard = (name: string, line: LogLine): void => {
    const at = typeof line['time'] === 'number' ? line['time'] : this.#now();
    if (line['what'] === 'budget-store' && line['event'] === 'degraded') {
      this.#away.degraded(name, at);
      this.#say(`${name} goes on without Redis: ${line['reason']}`);
    }
    if (line['what'] === 'budget-store' && line['event'] === 'recovered') this.#away.recovered(name, at);
    if (line['event'] === 'engine-restarted') this.failedRuns += 1;
  };

  readonly ended = ({ name }: ChaosWorker, how: 'fell' | 'drained' | 'killed', ending: Ending): void => {
    const { code, signal, lastLines, wasReady } = ending;
    this.#away.recovered(name, this.#now());
    const hasFailed = how === 'fell' || (how === 'drained' && wasReady && code !== 0);
    if (!hasFailed) return;
    if (how === 'fell') this.falls += 1;
    else this.drainsFailed += 1;
    const what = how === 'fell' ? 'fell' : 'did not drain';
    this.#say(`${name} ${what} (${signal ?? `exit code ${code}`}):\n    ${lastLines.slice(-4).join('\n    ')}`);
  };
}
