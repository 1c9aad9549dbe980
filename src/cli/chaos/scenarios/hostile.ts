// Hostile frames among good ones: whether each comes to an end, whether the workers live, and whether good frames wait longer for their
// first answer than with other good ones in the hostile ones' places, or with nothing there. The three take turns on the same workers, once
// these have found their places; what waits is measured on frames of one rate in each.
import { setTimeout as pause } from 'node:timers/promises';
import { encodeHeaders } from '../../../core/envelope.ts';
import { percentile } from '../../../evaluation/percentile.ts';
import type { OutgoingRecord } from '../../../ports.ts';
import { type Random, random } from '../../../training/random.ts';
import type { Account } from '../account.ts';
import { busyShare, type ProcessorTimes, processorTimes } from '../machine-busy.ts';
import { mutated } from '../mutate.ts';
import { brokenAnswers } from '../promises.ts';
import { isNoLonger, toldOfWaits, type WaitsTold, waitRatios } from './compared.ts';
import { RUN_UP_MS, type ScenarioOptions, withScene } from './set-up.ts';
import { dueInTurns, rotated, type Turn, turnsOf } from './turns.ts';

export interface HostileDocument {
  readonly scenario: 'hostile';
  readonly hostile: number;
  /** Of the hostile ones: refused with a dead letter; the others were images after all, and answered. */
  readonly deadLettered: number;
  readonly lost: number;
  /** Good frames that became dead letters. */
  readonly goodDeadLettered: number;
  /** Frames whose answers broke a promise (promises.ts). */
  readonly broken: number;
  /** Workers that ended without having been told to. */
  readonly fell: number;
  /** Good frames a second, and hostile ones beside them. */
  readonly rate: number;
  readonly hostileRate: number;
  readonly turnMs: number;
  /** Of good frames, of one rate in all turns, by what comes between them. */
  readonly firstAnswers: Readonly<Record<Between, WaitsTold>>;
  /** How busy the machine was, 0 … 1, median of the turns. */
  readonly machineBusy: Readonly<Record<Between, number>>;
  /** The waits with hostile frames over those with good ones in their places, and over those with nothing there. */
  readonly ratio: ReturnType<typeof waitRatios>;
  readonly ratioToNothing: ReturnType<typeof waitRatios>;
  readonly isPassed: boolean;
}

const BETWEEN = ['nothing', 'good', 'hostile'] as const;
type Between = (typeof BETWEEN)[number];

/** Hostile frames to one good one. */
const TO_ONE = 5;
/** Two turns of the same kind differ by so much on a machine that does other things. */
const NOISE = 1.25;
/** With a longer p99 among good frames alone the machine is full, and hostile ones could hide in that, ms. */
const FULL_MS = 1000;
const TURN_MS = 30_000;
/** At the beginning of a turn, what the one before has left is still worked off: frames sent in it do not count. */
const SETTLE_MS = 5000;
const HEADERS = ['deadline', 'budget', 'max-stage', 'priority', 'min-confidence', 'content-type', 'traceparent'];

/** `frames`: hostile ones, at least. `rate`: good ones a second. */
export async function hostile(options: ScenarioOptions): Promise<HostileDocument> {
  const { frames: atLeast, rate, seed, say, signal } = options;
  const rounds = Math.ceil(atLeast / ((TURN_MS * rate * TO_ONE) / 1000));
  const perSecond = (between: Between) => (between === 'nothing' ? rate : rate * (TO_ONE + 1));
  const turns = turnsOf<Between>([
    { kind: 'good', ms: RUN_UP_MS, perSecond: perSecond('good') },
    ...Array.from({ length: rounds }, (_, round) => rotated(BETWEEN, round))
      .flat()
      .map((kind) => ({ kind, ms: TURN_MS, perSecond: perSecond(kind) })),
  ]);
  const frames = turns.at(-1)?.to ?? 0;
  const kinds = turns.flatMap(({ from, to, kind }) => Array<Between>(to - from).fill(kind));
  const isHostile = (n: number) => kinds[n] === 'hostile' && n % (TO_ONE + 1) > 0;
  let fell = 0;
  const scene = {
    workers: 2,
    partitions: 4,
    fell() {
      fell += 1;
    },
  };
  return await withScene({ ...options, frames }, scene, async ({ account, make, send, untilOpen, isWhole }) => {
    const record = (n: number, at: number) => {
      const good = make.record(n, null, at);
      return isHostile(n) ? damaged(good, random(seed, 'hostile', n)) : good;
    };
    say(`${turns.length} turns of ${TURN_MS / 1000} s`);
    const times = timesAtEnds(turns, signal);
    await send((ms) => dueInTurns(turns, ms), signal, record, isHostile);
    await untilOpen(0);
    const isEnd = await isWhole();
    const ends = await times;
    const measured = turns.slice(1).map((turn, i) => ({
      kind: turn.kind,
      waits: waitsOf(account, turn),
      // the times at the end of the turn before it, and at its own
      busy: busyShare(...(ends.slice(i, i + 2) as [ProcessorTimes, ProcessorTimes])),
    }));
    const ofKind = (between: Between) => measured.filter(({ kind }) => kind === between);
    const told = (between: Between) => toldOfWaits(ofKind(between).map(({ waits }) => waits));
    const busyIn = (between: Between) => {
      const shares = ofKind(between).map(({ busy }) => busy);
      return percentile(shares, 50) ?? 0;
    };
    const firstAnswers = { nothing: told('nothing'), good: told('good'), hostile: told('hostile') };
    const summary = account.summary([]);
    const { lost, goodDeadLettered } = summary;
    const deadLettered = summary.deadLettered - goodDeadLettered;
    const isNoWorse = isNoLonger(firstAnswers.hostile, firstAnswers.good, NOISE, FULL_MS);
    return {
      ...{ scenario: 'hostile', hostile: [...kinds.keys()].filter(isHostile).length, deadLettered, lost },
      ...{ goodDeadLettered, broken: brokenAnswers(summary), fell },
      ...{ rate, hostileRate: rate * TO_ONE, turnMs: TURN_MS, firstAnswers },
      machineBusy: { nothing: busyIn('nothing'), good: busyIn('good'), hostile: busyIn('hostile') },
      ratio: waitRatios(firstAnswers.hostile, firstAnswers.good),
      ratioToNothing: waitRatios(firstAnswers.hostile, firstAnswers.nothing),
      isPassed: isEnd && deadLettered > 0 && isNoWorse,
    };
  });
}

/** The processors' times at the end of each turn, of which the first begins now. */
async function timesAtEnds(turns: readonly Turn<Between>[], signal: AbortSignal): Promise<ProcessorTimes[]> {
  const beginAt = performance.now();
  const times: ProcessorTimes[] = [];
  for (const { endMs } of turns) {
    await pause(Math.max(0, beginAt + endMs - performance.now()), undefined, { signal, ref: false }).catch(() => {});
    times.push(processorTimes());
  }
  return times;
}

/** Of the good frames of a turn that all kinds have: those between which the others come. */
function waitsOf(account: Account, { kind, from, to, beginMs, endMs }: Turn<Between>): number[] {
  const every = kind === 'nothing' ? 1 : TO_ONE + 1;
  const settled = from + Math.ceil(((to - from) * SETTLE_MS) / (endMs - beginMs));
  const waits: number[] = [];
  for (let n = settled + ((every - (settled % every)) % every); n < to; n += every) {
    const waitMs = account.firstAnswerWaitMs(n);
    if (waitMs !== null) waits.push(waitMs);
  }
  return waits;
}

/** The image damaged, the deadline left; every fourth has a damaged header besides, or instead where the image holds. */
function damaged(record: OutgoingRecord, source: Random): OutgoingRecord {
  const hostile = { ...record, value: mutated(Buffer.from(record.value ?? []), source.below) };
  if (source.below(4) > 0) return hostile;
  const name = HEADERS[source.below(HEADERS.length)] ?? 'budget';
  const noise = String.fromCharCode(...Array.from({ length: 1 + source.below(40) }, () => 1 + source.below(0xfff)));
  return { ...hostile, headers: { ...hostile.headers, ...encodeHeaders({ [name]: noise }) } };
}
