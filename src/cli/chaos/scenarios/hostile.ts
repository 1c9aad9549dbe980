// Hostile frames among good ones: whether each comes to an end, whether the workers live, and whether good frames wait longer for their
// first answer than with other good ones in the hostile ones' places, or with nothing there. Rounds of the three take turns, on workers of
// their own; what waits is measured on the same frames in each.
import { encodeHeaders } from '../../../core/envelope.ts';
import { percentile } from '../../../evaluation/percentile.ts';
import type { OutgoingRecord } from '../../../ports.ts';
import { type Random, random } from '../../../training/random.ts';
import type { FramePool } from '../../frame-pool.ts';
import { ASK_NOTHING, frameRecordOf } from '../../frame-record-of.ts';
import { frameIdOfNumber } from '../frame-number.ts';
import { mutated } from '../mutate.ts';
import { brokenAnswers } from '../promises.ts';
import { type ScenarioOptions, withScene } from './set-up.ts';

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
  /** Of good frames, from the sending to the publishing of their first answer, a figure a round; by what comes between them. */
  readonly firstAnswerP99Ms: Readonly<Record<Between, readonly number[]>>;
  /** Median of the rounds with hostile frames over that with good ones in their places, and over that with nothing there. */
  readonly ratio: number;
  readonly ratioToNothing: number;
  readonly isPassed: boolean;
}

const BETWEEN = ['nothing', 'good', 'hostile'] as const;
type Between = (typeof BETWEEN)[number];

const ROUNDS = 3;
/** Hostile frames to one good one. */
const TO_ONE = 5;
/** Two rounds of the same kind differ by so much on a machine that does other things. */
const NOISE = 1.25;
const HEADERS = ['deadline', 'budget', 'max-stage', 'priority', 'min-confidence', 'content-type', 'traceparent'];

interface Round {
  readonly p99Ms: number;
  readonly lost: number;
  readonly deadLettered: number;
  readonly goodDeadLettered: number;
  readonly broken: number;
  readonly fell: number;
}

/** `frames`: hostile ones in all. `rate`: good ones a second. */
export async function hostile(options: ScenarioOptions): Promise<HostileDocument> {
  const good = Math.ceil(options.frames / ROUNDS / TO_ONE);
  const rounds: Record<Between, Round[]> = { nothing: [], good: [], hostile: [] };
  for (let i = 0; i < ROUNDS; i++)
    for (const between of BETWEEN) rounds[between].push(await round(options, good, between, i));
  const all = Object.values(rounds).flat();
  const sum = (of: (one: Round) => number) => all.reduce((total, one) => total + of(one), 0);
  const p99s = (between: Between) => rounds[between].map(({ p99Ms }) => p99Ms);
  const median = (between: Between) => percentile(p99s(between), 50) ?? Number.NaN;
  const ratioTo = (between: Between) => Math.round((median('hostile') / median(between)) * 1000) / 1000;
  const ratio = ratioTo('good');
  const told = {
    deadLettered: sum((one) => one.deadLettered),
    lost: sum((one) => one.lost),
    goodDeadLettered: sum((one) => one.goodDeadLettered),
    broken: sum((one) => one.broken),
    fell: sum((one) => one.fell),
  };
  return {
    ...{ scenario: 'hostile', hostile: good * TO_ONE * ROUNDS, ...told },
    ...{ rate: options.rate, hostileRate: options.rate * TO_ONE },
    firstAnswerP99Ms: { nothing: p99s('nothing'), good: p99s('good'), hostile: p99s('hostile') },
    ...{ ratio, ratioToNothing: ratioTo('nothing') },
    isPassed:
      told.lost + told.goodDeadLettered + told.broken + told.fell === 0 && told.deadLettered > 0 && ratio <= NOISE,
  };
}

/** The `good` frames that count come evenly, so many others between two of them. */
async function round(options: ScenarioOptions, good: number, between: Between, number: number): Promise<Round> {
  const { pool, rate, seed, signal, say } = options;
  const every = between === 'nothing' ? 1 : TO_ONE + 1;
  const isGood = (n: number) => between !== 'hostile' || n % every === 0;
  let fell = 0;
  const scene = {
    workers: 2,
    partitions: 4,
    fell() {
      fell += 1;
    },
  };
  return await withScene(
    { ...options, frames: good * every },
    scene,
    async ({ account, make, send, untilOpen, watcher }) => {
      const record = (n: number, at: number) =>
        isGood(n) ? make.record(n, null, at) : hostileRecord(pool, random(seed, 'hostile', number, n), n, at);
      await send(rate * every, signal, record, (n) => !isGood(n));
      await untilOpen(0);
      await watcher.readAll();
      const waits: number[] = [];
      for (let n = 0; n < good * every; n += every) {
        const [sentAt, answeredAt] = [account.sentAt(n), account.firstAnswerAt(n)];
        if (sentAt !== null && answeredAt !== null) waits.push(answeredAt - sentAt);
      }
      const summary = account.summary([]);
      const { lost, deadLettered, goodDeadLettered } = summary;
      const broken = brokenAnswers(summary);
      const p99Ms = percentile(waits, 99) ?? Number.NaN;
      say(`Round ${number + 1}, ${between} between: first answers p99 ${p99Ms} ms, ${deadLettered} dead letters`);
      return { p99Ms, lost, deadLettered: deadLettered - goodDeadLettered, goodDeadLettered, broken, fell };
    },
  );
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
