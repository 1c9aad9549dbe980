// The workers of a chaos run. So many are kept up: whichever ends, however it ends, is started anew after a while, as a
// supervisor does. Extra ones come and go on top.
import { setTimeout as pause } from 'node:timers/promises';
import { AnytimeError } from '../../errors.ts';
import { type ChaosWorker, type Ending, type LogLine, startChaosWorker } from './chaos-worker.ts';

export interface CrewOptions {
  readonly workers: number;
  /** Processes that have loaded the program and wait to be an extra one, so that one can join soon. */
  readonly standby: number;
  /** Of every worker, but for its name. */
  readonly flags: readonly string[];
  readonly slowDecodeMs: number;
  readonly logFolder: string | null;
  readonly heard: (name: string, line: LogLine) => void;
  /** A worker is gone: it fell by itself, was told to drain, or was killed. */
  readonly ended: (worker: ChaosWorker, how: 'fell' | 'drained' | 'killed', ending: Ending) => void;
}

export interface Crew {
  /** Living processes at work, ready or not. */
  readonly workers: readonly ChaosWorker[];
  /** Resolves when as many are ready as are kept up. Errors: stopped, where they are not in time. */
  ready(): Promise<void>;
  /** `pick` 0 … 1 chooses among those that are ready (else any); null when there is none. */
  choose(pick: number): ChaosWorker | null;
  /** Killed; started anew `awayMs` after its end. */
  end(worker: ChaosWorker, signal: 'SIGKILL' | 'SIGTERM', awayMs: number): Promise<Ending>;
  /** Stopped for so long, then continued. */
  freeze(worker: ChaosWorker, ms: number): Promise<void>;
  addExtra(): void;
  /** The oldest extra is told to drain; false when there is none. */
  removeExtra(): boolean;
  /** Drains all, by force after so long; the endings of those that drained or did not. Idempotent. */
  stop(withinMs: number): Promise<readonly Ending[]>;
}

/** A worker that fell is started again after this, ms. */
const RESTART_MS = 1000;
const READY_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 50;

export function startCrew({ workers: wanted, standby, ended, ...options }: CrewOptions): Crew {
  const alive = new Set<ChaosWorker>();
  const held: ChaosWorker[] = [];
  const extras: ChaosWorker[] = [];
  /** Ends that were asked for, and what is to come after: ms until a new one, null = none. */
  const asked = new Map<ChaosWorker, { readonly how: 'drained' | 'killed'; readonly inMs: number | null }>();
  let serial = 0;
  let isStopping = false;
  let stopping: Promise<readonly Ending[]> | null = null;

  function spawn(isHeld: boolean): ChaosWorker {
    serial += 1;
    const worker = startChaosWorker({ ...options, isHeld, name: `worker-${serial}` });
    void worker.ended.then((ending) => after(worker, ending));
    return worker;
  }

  async function after(worker: ChaosWorker, ending: Ending): Promise<void> {
    const isExtra = isHeldOrExtra(worker);
    alive.delete(worker);
    const { how, inMs } = asked.get(worker) ?? { how: 'fell' as const, inMs: isExtra ? null : RESTART_MS };
    ended(worker, how, ending);
    for (const list of [extras, held]) if (list.includes(worker)) list.splice(list.indexOf(worker), 1);
    if (inMs === null) return;
    await pause(inMs, undefined, { ref: false }); // a run that is over waits for nobody
    if (!isStopping) alive.add(spawn(false));
  }

  const isHeldOrExtra = (worker: ChaosWorker) => extras.includes(worker) || held.includes(worker);

  for (let i = 0; i < wanted; i++) alive.add(spawn(false));
  for (let i = 0; i < standby; i++) held.push(spawn(true));
  return {
    get workers() {
      return [...alive];
    },
    async ready() {
      const giveUpAt = Date.now() + READY_WITHIN_MS;
      while ([...alive].filter(({ isReady }) => isReady).length < wanted && Date.now() < giveUpAt && !isStopping)
        await pause(LOOK_EVERY_MS);
      const ready = [...alive].filter(({ isReady }) => isReady).length;
      if (ready >= wanted || isStopping) return;
      const message = `Expected ${wanted} workers to be ready within ${READY_WITHIN_MS / 1000} s, got ${ready}`;
      throw new AnytimeError('stopped', message);
    },
    choose(pick) {
      const ready = [...alive].filter((worker) => worker.isReady && !asked.has(worker));
      const from = ready.length > 0 ? ready : [...alive].filter((worker) => !asked.has(worker));
      return from[Math.floor(pick * from.length)] ?? null;
    },
    end(worker, signal, awayMs) {
      const how = signal === 'SIGTERM' ? 'drained' : 'killed';
      asked.set(worker, { how, inMs: extras.includes(worker) ? null : awayMs });
      worker.kill(signal);
      return worker.ended;
    },
    async freeze(worker, ms) {
      worker.kill('SIGSTOP');
      await Promise.race([pause(ms), worker.ended]);
      worker.kill('SIGCONT');
    },
    addExtra() {
      const extra = held.shift() ?? spawn(true);
      extra.go();
      alive.add(extra);
      extras.push(extra);
      if (standby > 0) held.push(spawn(true));
    },
    removeExtra() {
      const extra = extras.shift();
      if (extra === undefined) return false;
      asked.set(extra, { how: 'drained', inMs: null });
      extra.kill('SIGTERM');
      return true;
    },
    stop(withinMs) {
      stopping ??= (async () => {
        isStopping = true;
        return await Promise.all(
          [...alive, ...held].map(async (worker) => {
            asked.set(worker, { how: 'drained', inMs: null });
            worker.kill('SIGCONT');
            worker.kill('SIGTERM');
            const timer = setTimeout(() => worker.kill('SIGKILL'), withinMs);
            const ending = await worker.ended;
            clearTimeout(timer);
            return ending;
          }),
        );
      })();
      return stopping;
    },
  };
}
