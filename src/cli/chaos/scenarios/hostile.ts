// Hostile frames among good ones: whether each comes to an end, whether the workers live, and whether good frames wait longer for their
// first answer than with other good ones in the hostile ones' places, or with nothing there. The three take turns on the same workers, once
// these have found their places; what waits is measured on frames of one rate in each.
import { encodeHeaders } from '../../../core/envelope.ts';
import { percentile } from '../../../evaluation/percentile.ts';
import type { OutgoingRecord } from '../../../ports.ts';
import { type Random, random } from '../../../training/random.ts';
import type { FramePool } from '../../frame-pool.ts';
import { ASK_NOTHING, frameRecordOf } from '../../frame-record-of.ts';
import type { Account } from '../account.ts';
import { frameIdOfNumber } from '../frame-number.ts';
import { mutated } from '../mutate.ts';
import { brokenAnswers } from '../promises.ts';
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
  /**
   * Of good frames, from the sending to the publishing of their first answer, a figure a turn; by what comes between them. Infinite (null in
   * JSON) where more than one in a hundred had none, as of frames whose deadline was over.
   */
  readonly firstAnswerP99Ms: Readonly<Record<Between, readonly number[]>>;
  /** Median of the turns with hostile frames over that with good ones in their places, and over that with nothing there. */
  readonly ratio: number;
  readonly ratioToNothing: number;
  readonly isPassed: boolean;
}

const BETWEEN = ['nothing', 'good', 'hostile'] as const;
type Between = (typeof BETWEEN)[number];

/** Hostile frames to one good one. */
const TO_ONE = 5;
/** Two turns of the same kind differ by so much on a machine that does other things. */
const NOISE = 1.25;
const TURN_MS = 30_000;
/** At the beginning of a turn, what the one before has left is still worked off: frames sent in it do not count. */
const SETTLE_MS = 5000;
const HEADERS = ['deadline', 'budget', 'max-stage', 'priority', 'min-confidence', 'content-type', 'traceparent'];

/** `frames`: hostile ones, at least. `rate`: good ones a second. */
export async function hostile(options: ScenarioOptions): Promise<HostileDocument> {
  const { frames: atLeast, pool, rate, seed, say, signal } = options;
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
  return await withScene({ ...options, frames }, scene, async ({ account, make, send, untilOpen, watcher }) => {
    const record = (n: number, at: number) =>
      isHostile(n) ? hostileRecord(pool, random(seed, 'hostile', n), n, at) : make.record(n, null, at);
    say(`${turns.length} turns of ${TURN_MS / 1000} s`);
    await send((ms) => dueInTurns(turns, ms), signal, record, isHostile);
    await untilOpen(0);
    await watcher.readAll();
    const measured = turns.slice(1).map((turn) => ({ kind: turn.kind, p99Ms: p99Of(account, turn) }));
    const p99s = (between: Between) => measured.filter(({ kind }) => kind === between).map(({ p99Ms }) => p99Ms);
    const median = (between: Between) => percentile(p99s(between), 50) ?? Number.NaN;
    const ratioTo = (between: Between) => Math.round((median('hostile') / median(between)) * 1000) / 1000;
    const ratio = ratioTo('good');
    const summary = account.summary([]);
    const { lost, goodDeadLettered } = summary;
    const deadLettered = summary.deadLettered - goodDeadLettered;
    const broken = brokenAnswers(summary);
    return {
      ...{ scenario: 'hostile', hostile: [...kinds.keys()].filter(isHostile).length, deadLettered, lost },
      ...{ goodDeadLettered, broken, fell, rate, hostileRate: rate * TO_ONE, turnMs: TURN_MS },
      firstAnswerP99Ms: { nothing: p99s('nothing'), good: p99s('good'), hostile: p99s('hostile') },
      ...{ ratio, ratioToNothing: ratioTo('nothing') },
      isPassed: lost + goodDeadLettered + broken + fell === 0 && deadLettered > 0 && ratio <= NOISE,
    };
  });
}

/** Of the good frames of a turn that all kinds have: those between which the others come. */
function p99Of(account: Account, { kind, from, to, beginMs, endMs }: Turn<Between>): number {
  const every = kind === 'nothing' ? 1 : TO_ONE + 1;
  const settled = from + Math.ceil(((to - from) * SETTLE_MS) / (endMs - beginMs));
  const waits: number[] = [];
  for (let n = settled + ((every - (settled % every)) % every); n < to; n += every) {
    const [sentAt, answeredAt] = [account.sentAt(n), account.firstAnswerAt(n)];
    if (sentAt !== null) waits.push(answeredAt === null ? Infinity : answeredAt - sentAt);
  }
  return percentile(waits, 99) ?? Number.NaN;
}

/** A damaged image; every fourth has a damaged header besides, or instead where the image holds. */
function hostileRecord(pool: FramePool, source: Random, n: number, at: number): OutgoingRecord {
  const bytes = mutated(Buffer.from(pool.at(n).bytes), source.below);
  const record = frameRecordOf({ id: frameIdOfNumber(n), label: null, bytes }, ASK_NOTHING, at);
  if (source.below(4) > 0) return record;
  const name = HEADERS[source.below(HEADERS.length)] ?? 'budget';
  const noise = String.fromCharCode(...Array.from({ length: 1 + source.below(40) }, () => 1 + source.below(0xfff)));
  return { ...record, headers: { ...record.headers, ...encodeHeaders({ [name]: noise }) } };
}
