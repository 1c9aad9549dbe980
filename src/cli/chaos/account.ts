// What became of every frame: the watcher's book. Pure: times are arguments.
// A frame is sent, answered any number of times, and ends with a final record, a dead letter, or both (a refused one).
import { type Answer, judge, type Span, type Verdicts } from './judge.ts';

export interface Summary {
  /** Acknowledged by the broker. */
  readonly frames: number;
  /** Ended with a final record and no dead letter. */
  readonly final: number;
  /** Of these, without any answer: their deadline was over before one could be made (`expired`). */
  readonly unanswered: number;
  readonly deadLettered: number;
  readonly lost: number;
  /** Of frames, while Redis answered (judge.ts); of those for which it was away the second. */
  readonly regressions: number;
  readonly regressionsWhileAway: number;
  readonly answersAfterFinal: number;
  readonly answersAfterFinalWhileAway: number;
  readonly unlikeFinals: number;
  readonly unlikeFinalsWhileAway: number;
  /** Frames with a dead letter but no final record that says so, or the other way round. */
  readonly halfRefused: number;
  /** Frames with answers of which none is on the topic of first answers. */
  readonly firstAnswersMissing: number;
  /** Records that say that their worker went without Redis. */
  readonly unrecorded: number;
  /** … and that Redis may have forgotten what it knew of their frame. */
  readonly forgotten: number;
  readonly records: number;
  readonly duplicates: { readonly coarse: number; readonly refined: number; readonly final: number };
  /** Of each kind's records, how many repeat one. */
  readonly shares: { readonly coarse: number; readonly refined: number; readonly final: number };
  readonly deadLetterDuplicates: number;
  /** All duplicates among all result records. */
  readonly duplicateShare: number;
  readonly goodDeadLettered: number;
  readonly poisonousNotDeadLettered: number;
}

export interface Wrong extends Readonly<Record<keyof Verdicts, number[]>> {
  readonly lost: number[];
  readonly halfRefused: number[];
  readonly firstAnswersMissing: number[];
  readonly goodDeadLettered: number[];
  readonly poisonousNotDeadLettered: number[];
}

type Kind = keyof Summary['duplicates'];

const [SENT, POISONOUS, SENT_AGAIN, FINAL, DEAD_LETTER, REJECTED] = [1, 2, 4, 8, 16, 32];
const WRONG_KEPT = 20;
const VERDICTS = ['steppedBack', 'wentOn', 'endedTwice'] as const;

export class Account {
  readonly #startAt: number;
  /** Of the network. */
  readonly #stages: number;
  readonly #flags: Uint8Array;
  readonly #sentAt: Uint32Array;
  /** Of each frame, in the order they were read. */
  readonly #answers: Answer[][];
  readonly #read: Record<Kind, number> = { coarse: 0, refined: 0, final: 0 };
  readonly #duplicates: Record<Kind, number> = { coarse: 0, refined: 0, final: 0 };
  #deadLetterDuplicates = 0;
  #unrecorded = 0;
  #forgotten = 0;
  #sent = 0;
  #open = 0;
  /** Records of frames that were never sent. */
  strangers = 0;

  /** For frames 0 … `frames` − 1 of a run that begins at `startAt` (epoch ms); `stages` of the network. */
  constructor(frames: number, startAt: number, stages: number) {
    this.#startAt = startAt;
    this.#stages = stages;
    this.#flags = new Uint8Array(frames);
    this.#sentAt = new Uint32Array(frames);
    this.#answers = Array.from({ length: frames }, () => []);
  }

  /** The broker has acknowledged frame n. */
  sent(n: number, at: number, isPoisonous: boolean): void {
    if (n >= this.#flags.length || this.#has(n, SENT)) return;
    if (!this.#hasEnded(n)) this.#open += 1;
    this.#mark(n, SENT | (isPoisonous ? POISONOUS : 0));
    this.#sentAt[n] = Math.max(1, Math.round(at - this.#startAt) + 1);
    this.#sent += 1;
  }

  /** It may stand on its topic twice: a send failed that may have been taken. What it has twice is not the workers' doing. */
  sentAgain(n: number): void {
    this.#mark(n, SENT_AGAIN);
  }

  /** In the order of their topic: a frame's records have one key, so that they stand in one partition of it. */
  answered(n: number, answer: Answer): void {
    const { stage, final, exit, topic } = answer;
    const before = this.#answers[n];
    if (before === undefined || stage < 0 || stage > this.#stages) {
      this.strangers += 1;
      return;
    }
    const kind: Kind = final ? 'final' : topic;
    this.#read[kind] += 1;
    if (!answer.isRecorded) this.#unrecorded += 1;
    if (answer.isForgotten) this.#forgotten += 1;
    if (isRepeated(before, answer) && !this.#has(n, SENT_AGAIN)) this.#duplicates[kind] += 1;
    if (final) this.#end(n, exit === 'rejected' ? FINAL | REJECTED : FINAL);
    before.push(answer);
  }

  deadLettered(n: number): void {
    if (n >= this.#flags.length) {
      this.strangers += 1;
      return;
    }
    if (this.#has(n, DEAD_LETTER) && !this.#has(n, SENT_AGAIN)) this.#deadLetterDuplicates += 1;
    this.#end(n, DEAD_LETTER);
  }

  /** Acknowledged frames without an end so far; a refused one ends with its dead letter and the final record that says so. */
  get open(): number {
    return this.#open;
  }

  /** Epoch ms; null = not sent. */
  sentAt(n: number): number | null {
    return this.#has(n, SENT) ? this.#startAt + (this.#sentAt[n] ?? 1) - 1 : null;
  }

  /** When its first answer was published, epoch ms; null = none. Final records without an answer count as none. */
  firstAnswerAt(n: number): number | null {
    return this.#firstPublishedAt(n, ({ stage }) => stage > 0);
  }

  /** When its end was published, epoch ms; null = it has no final record. */
  endedAt(n: number): number | null {
    return this.#firstPublishedAt(n, ({ final }) => final);
  }

  /** From its sending to its first answer, ms; Infinity = it has none; null = not sent. */
  firstAnswerWaitMs(n: number): number | null {
    const sentAt = this.sentAt(n);
    return sentAt === null ? null : (this.firstAnswerAt(n) ?? Infinity) - sentAt;
  }

  isPoisonous(n: number): boolean {
    return this.#has(n, POISONOUS);
  }

  /** `wiped`: when what Redis knew was taken from it. */
  summary(wiped: readonly Span[]): Summary {
    const count = { final: 0, unanswered: 0, deadLettered: 0 };
    const wrong = noneWrong(() => 0);
    const excused = { steppedBack: 0, wentOn: 0, endedTwice: 0 };
    for (const n of this.#sentFrames()) {
      if (this.#has(n, DEAD_LETTER)) count.deadLettered += 1;
      else if (this.#has(n, FINAL)) {
        count.final += 1;
        if (this.firstAnswerAt(n) === null) count.unanswered += 1;
      }
      const verdicts = this.#judge(n, wiped);
      for (const what of this.#wrongWith(n, verdicts)) wrong[what] += 1;
      for (const what of VERDICTS) if (verdicts[what] === 'excused') excused[what] += 1;
    }
    const { coarse, refined, final } = this.#duplicates;
    const records = this.#read.coarse + this.#read.refined + this.#read.final;
    return {
      ...{ frames: this.#sent, ...count, lost: wrong.lost },
      ...{ regressions: wrong.steppedBack, regressionsWhileAway: excused.steppedBack },
      ...{ answersAfterFinal: wrong.wentOn, answersAfterFinalWhileAway: excused.wentOn },
      ...{ unlikeFinals: wrong.endedTwice, unlikeFinalsWhileAway: excused.endedTwice },
      ...{ halfRefused: wrong.halfRefused, firstAnswersMissing: wrong.firstAnswersMissing },
      ...{ records, unrecorded: this.#unrecorded, forgotten: this.#forgotten },
      duplicates: { coarse, refined, final },
      shares: {
        coarse: share(coarse, this.#read.coarse),
        refined: share(refined, this.#read.refined),
        final: share(final, this.#read.final),
      },
      deadLetterDuplicates: this.#deadLetterDuplicates,
      duplicateShare: share(coarse + refined + final, records),
      ...{ goodDeadLettered: wrong.goodDeadLettered, poisonousNotDeadLettered: wrong.poisonousNotDeadLettered },
    };
  }

  /** The first numbers of the frames that did not end as they should. */
  wrong(wiped: readonly Span[]): Wrong {
    const wrong = noneWrong((): number[] => []);
    for (const n of this.#sentFrames())
      for (const what of this.#wrongWith(n, this.#judge(n, wiped)))
        if (wrong[what].length < WRONG_KEPT) wrong[what].push(n);
    return wrong;
  }

  #judge(n: number, wiped: readonly Span[]): Verdicts {
    return judge(this.#answersOf(n), wiped, this.#has(n, SENT_AGAIN));
  }

  #wrongWith(n: number, verdicts: Verdicts): (keyof Wrong)[] {
    const isDead = this.#has(n, DEAD_LETTER);
    const answers = this.#answersOf(n).filter(({ stage }) => stage > 0);
    const isFirstMissing = answers.length > 0 && !answers.some(({ topic }) => topic === 'coarse');
    const found: [keyof Wrong, boolean][] = [
      ['lost', !isDead && !this.#has(n, FINAL)],
      ['goodDeadLettered', isDead && !this.#has(n, POISONOUS)],
      ['poisonousNotDeadLettered', !isDead && this.#has(n, POISONOUS)],
      ['halfRefused', isDead !== this.#has(n, REJECTED)],
      ['firstAnswersMissing', isFirstMissing],
      ...VERDICTS.map((what): [keyof Wrong, boolean] => [what, verdicts[what] === 'broken']),
    ];
    return found.flatMap(([what, isSo]) => (isSo ? [what] : []));
  }

  #firstPublishedAt(n: number, isMeant: (answer: Answer) => boolean): number | null {
    const stamps = this.#answersOf(n)
      .filter(isMeant)
      .map(({ publishedAt }) => publishedAt);
    return stamps.length === 0 ? null : Math.min(...stamps);
  }

  #answersOf(n: number): readonly Answer[] {
    return this.#answers[n] ?? [];
  }

  #sentFrames(): number[] {
    return [...this.#flags.keys()].filter((n) => this.#has(n, SENT));
  }

  #end(n: number, how: number): void {
    const wasOpen = !this.#hasEnded(n);
    this.#mark(n, how);
    if (this.#has(n, SENT)) this.#open += Number(!this.#hasEnded(n)) - Number(wasOpen);
  }

  #hasEnded(n: number): boolean {
    return this.#has(n, FINAL) && this.#has(n, DEAD_LETTER) === this.#has(n, REJECTED);
  }

  #has(n: number, flag: number): boolean {
    return ((this.#flags[n] ?? 0) & flag) !== 0;
  }

  #mark(n: number, flags: number): void {
    this.#flags[n] = (this.#flags[n] ?? 0) | flags;
  }
}

/** Ends count once, first answers too, the others once a stage. */
function isRepeated(before: readonly Answer[], { stage, final, topic }: Answer): boolean {
  return before.some((one) => {
    if (final) return one.final;
    if (topic === 'coarse') return one.topic === 'coarse';
    return one.topic === topic && one.stage === stage && !one.final;
  });
}

function noneWrong<T>(none: () => T): Record<keyof Wrong, T> {
  return {
    ...{ lost: none(), goodDeadLettered: none(), poisonousNotDeadLettered: none() },
    ...{ halfRefused: none(), firstAnswersMissing: none() },
    ...{ steppedBack: none(), wentOn: none(), endedTwice: none() },
  };
}

const share = (part: number, whole: number) => (whole === 0 ? 0 : Math.round((part / whole) * 1e6) / 1e6);
