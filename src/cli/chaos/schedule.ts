// Which fault comes when: all of it follows from the seed, so that a run that found something can be run again. Pure.
import { type Random, random, shuffled } from '../../training/random.ts';

export const FAULT_KINDS = [
  'sigkill',
  'sigterm',
  'sigstop',
  'toggle',
  'kafka-restart',
  'redis-kill',
  'redis-flush',
  'redis-pause',
  'cut',
  'slow',
  'engine-crash',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  /** After the first frame, ms. */
  readonly atMs: number;
  readonly kind: FaultKind;
  /** How long the thing stays away, stopped, toggled or slow; 0 where nothing lasts. */
  readonly lastsMs: number;
  /** 0 … 1: which of the workers alive then it hits. */
  readonly pick: number;
  /** Whose connections are cut or slowed. */
  readonly server: 'kafka' | 'redis';
}

export interface ScheduleOptions {
  readonly seed: number;
  readonly kinds: readonly FaultKind[];
  /** The last fault is over by then, ms. */
  readonly durationMs: number;
  /** Between the beginnings of two faults, on average, ms. */
  readonly everyMs: number;
  /** A stopped worker stays stopped for longer than this, ms. */
  readonly sessionTimeoutMs: number;
}

/** Frames flow undisturbed for so long at first. */
const LEAD_IN_MS = 2000;

/** Faults in order of time. Kinds are dealt in shuffled rounds, so that each has its turn; one server has one fault at a time. */
export function faultSchedule({ seed, kinds, durationMs, everyMs, sessionTimeoutMs }: ScheduleOptions): Fault[] {
  const source = random(seed, 'faults');
  const faults: Fault[] = [];
  const freeAt = new Map<string, number>();
  let at = LEAD_IN_MS;
  let dealt: FaultKind[] = [];
  while (kinds.length > 0 && at < durationMs) {
    if (dealt.length === 0) dealt = [...shuffled(kinds.length, source)].map((i) => kinds[i] as FaultKind);
    const kind = dealt.shift() as FaultKind;
    const server = source.next() < 0.5 ? 'kafka' : 'redis';
    const lastsMs = lastsOf(kind, source, sessionTimeoutMs);
    const pick = source.next();
    const thing = thingOf(kind, server);
    const atMs = Math.round(Math.max(at, thing === null ? 0 : (freeAt.get(thing) ?? 0)));
    at += everyMs * (0.5 + source.next());
    if (atMs + lastsMs > durationMs) continue;
    if (thing !== null) freeAt.set(thing, atMs + lastsMs + everyMs / 2);
    faults.push({ atMs, kind, lastsMs, pick, server });
  }
  return faults.sort((a, b) => a.atMs - b.atMs);
}

function lastsOf(kind: FaultKind, source: Random, sessionTimeoutMs: number): number {
  const between = (least: number, most: number) => Math.round(least + source.next() * (most - least));
  switch (kind) {
    case 'sigkill':
      return between(300, 1500); // until it is started again
    case 'sigstop':
      return between(sessionTimeoutMs + 1000, sessionTimeoutMs + 3000);
    case 'toggle':
      return between(5000, 8000);
    case 'kafka-restart':
      return between(500, 2000);
    case 'redis-kill':
      return between(1000, 3000);
    case 'redis-pause':
      return between(500, 2500);
    case 'cut':
      return between(0, 1500); // new connections are refused for so long
    case 'slow':
      return between(2000, 5000);
    default:
      return 0;
  }
}

/** What can have one fault at a time. */
function thingOf(kind: FaultKind, server: string): string | null {
  if (kind === 'cut' || kind === 'slow') return server;
  if (kind === 'toggle') return kind;
  return /^(kafka|redis)/.exec(kind)?.[0] ?? null;
}

/** Faults that take Redis or what it knows away. */
export function isOfRedis({ kind, server }: Pick<Fault, 'kind' | 'server'>): boolean {
  return thingOf(kind, server) === 'redis';
}

/** Of these, those after which Redis knows nothing of what was: no worker can tell what was said before. */
export function isWipe({ kind }: Pick<Fault, 'kind'>): boolean {
  return kind === 'redis-kill' || kind === 'redis-flush';
}
