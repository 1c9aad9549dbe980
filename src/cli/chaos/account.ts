// What became of every frame: the watcher's book, with some 100 bytes a frame whatever is read. Pure: times are arguments.
// A frame is sent, answered any number of times, and ends with a final record, a dead letter, or both (a refused one).
import { AnytimeError } from '../../errors.ts';

/** A result record as the book takes it. */
export interface Answer {
  readonly stage: number;
  readonly final: boolean;
  /** Epoch ms, by its worker. */
  readonly publishedAt: number;
  /** Epoch ms, by the broker: when it was put on its topic. */
  readonly appendedAt: number;
  readonly topic: 'coarse' | 'refined';
}

/** A stretch of time, epoch ms, ends included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Summary {
  /** Acknowledged by the broker. */
  readonly frames: number;
  /** Ended with a final record and no dead letter. */
  readonly final: number;
  readonly deadLettered: number;
  readonly lost: number;
  /** Frames with an answer of a lower stage after one of a higher, all of it while Redis answered. */
  readonly regressions: number;
  /** The same, with Redis away at some moment between the two. */
  readonly regressionsWhileAway: number;
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

export interface Wrong {
  readonly lost: number[];
  readonly steppedBack: number[];
  readonly goodDeadLettered: number[];
  readonly poisonousNotDeadLettered: number[];
}

type Kind = keyof Summary['duplicates'];

const [SENT, POISONOUS, SENT_AGAIN, COARSE, FINAL, DEAD_LETTER] = [1, 2, 4, 8, 16, 32];
/** Stages 0 (no answer) to 15. */
const STAGES = 16;
const WRONG_KEPT = 20;
/** Where a record may stand: either topic, final or not. */
const PLACES = 4;

export class Account {
  readonly #startAt: number;
  /** Of the network, and 0 for no answer. */
  readonly #stages: number;
  readonly #flags: Uint8Array;
  /** Of each (frame, place): bit s: a record of stage s was read there. */
  readonly #said: Uint16Array;
  readonly #sentAt: Uint32Array;
  /** Of each (frame, stage): when its first and its last record were published, ms after startAt + 1; 0 = never. */
  readonly #first: Uint32Array;
  readonly #last: Uint32Array;
  /** Of each frame, steps back that only the order on a topic shows: from the lower answer's stamp to where it was appended. */
  readonly #overtaken = new Map<number, Span[]>();
  readonly #read: Record<Kind, number> = { coarse: 0, refined: 0, final: 0 };
  readonly #duplicates: Record<Kind, number> = { coarse: 0, refined: 0, final: 0 };
  #deadLetterDuplicates = 0;
  #sent = 0;
  #open = 0;
  /** Records of frames that were never sent. */
  strangers = 0;

  /** For frames 0 … `frames` − 1 of a run that begins at `startAt` (epoch ms); `stages` of the network. */
  constructor(frames: number, startAt: number, stages: number) {
    if (stages >= STAGES)
      throw new AnytimeError('bad-argument', `Expected at most ${STAGES - 1} stages, got ${stages}`);
    this.#startAt = startAt;
    this.#flags = new Uint8Array(frames);
    this.#said = new Uint16Array(frames * PLACES);
    this.#sentAt = new Uint32Array(frames);
    this.#stages = stages + 1;
    this.#first = new Uint32Array(frames * this.#stages);
    this.#last = new Uint32Array(frames * this.#stages);
  }
  /** The broker has acknowledged frame n. */
  sent(n: number, at: number, isPoisonous: boolean): void {
    if (n >= this.#flags.length || this.#has(n, SENT)) return;
    if (!this.#has(n, FINAL) && !this.#has(n, DEAD_LETTER)) this.#open += 1;
    this.#mark(n, SENT | (isPoisonous ? POISONOUS : 0));
    this.#sentAt[n] = this.#ms(at);
    this.#sent += 1;
  }

  /** It may stand on its topic twice: a send failed that may have been taken. What it has twice is not the workers' doing. */
  sentAgain(n: number): void {
    this.#mark(n, SENT_AGAIN);
  }

  /** In the order of their topic: a frame's records have one key, so that they stand in one partition of it. */
  answered(n: number, answer: Answer): void {
    const { stage, final, publishedAt, topic } = answer;
    if (n >= this.#flags.length || stage < 0 || stage >= this.#stages) {
      this.strangers += 1;
      return;
    }
    const kind: Kind = final ? 'final' : topic;
    this.#read[kind] += 1;
    if (this.#isOvertaken(n, answer)) this.#noteOvertaken(n, answer);
    if (this.#isRepeated(n, answer) && !this.#has(n, SENT_AGAIN)) this.#duplicates[kind] += 1;
    if (final) this.#end(n, FINAL);
    if (topic === 'coarse') this.#mark(n, COARSE);
    const place = placeOf(n, topic, final);
    this.#said[place] = this.#saidAt(place) | (1 << stage);
    const at = this.#ms(publishedAt);
    const i = n * this.#stages + stage;
    this.#last[i] = Math.max(this.#last[i] ?? 0, at);
    this.#first[i] = this.#first[i] ? Math.min(this.#first[i], at) : at;
  }

  deadLettered(n: number): void {
    if (n >= this.#flags.length) {
      this.strangers += 1;
      return;
    }
    if (this.#has(n, DEAD_LETTER) && !this.#has(n, SENT_AGAIN)) this.#deadLetterDuplicates += 1;
    this.#end(n, DEAD_LETTER);
  }

  /** Acknowledged frames without an end so far. A refused one has its end with its dead letter. */
  get open(): number {
    return this.#open;
  }

  /** Epoch ms; null = not sent. */
  sentAt(n: number): number | null {
    return this.#has(n, SENT) ? this.#startAt + (this.#sentAt[n] ?? 1) - 1 : null;
  }

  /** When its first answer was published, epoch ms; null = none. Final records without an answer count as none. */
  firstAnswerAt(n: number): number | null {
    let first = 0;
    for (let stage = 1; stage < this.#stages; stage++) {
      const at = this.#first[n * this.#stages + stage] ?? 0;
      if (at > 0 && (first === 0 || at < first)) first = at;
    }
    return first === 0 ? null : this.#startAt + first - 1;
  }

  isPoisonous(n: number): boolean {
    return this.#has(n, POISONOUS);
  }

  /** `away`: when Redis, or what it knew, was away. */
  summary(away: readonly Span[]): Summary {
    const count = { final: 0, deadLettered: 0, lost: 0, steppedBack: 0, whileAway: 0, goodDead: 0, poisonousAlive: 0 };
    for (let n = 0; n < this.#flags.length; n++) {
      if (!this.#has(n, SENT)) continue;
      const isDead = this.#has(n, DEAD_LETTER);
      if (isDead) count.deadLettered += 1;
      else if (this.#has(n, FINAL)) count.final += 1;
      else count.lost += 1;
      if (isDead !== this.#has(n, POISONOUS)) count[isDead ? 'goodDead' : 'poisonousAlive'] += 1;
      const stepped = this.#steppedBack(n, away);
      if (stepped !== null) count[stepped] += 1;
    }
    const { coarse, refined, final } = this.#duplicates;
    const records = this.#read.coarse + this.#read.refined + this.#read.final;
    return {
      ...{ frames: this.#sent, final: count.final, deadLettered: count.deadLettered, lost: count.lost },
      ...{ regressions: count.steppedBack, regressionsWhileAway: count.whileAway, records },
      duplicates: { coarse, refined, final },
      shares: {
        coarse: share(coarse, this.#read.coarse),
        refined: share(refined, this.#read.refined),
        final: share(final, this.#read.final),
      },
      deadLetterDuplicates: this.#deadLetterDuplicates,
      duplicateShare: share(coarse + refined + final, records),
      ...{ goodDeadLettered: count.goodDead, poisonousNotDeadLettered: count.poisonousAlive },
    };
  }

  /** The first numbers of the frames that did not end as they should. */
  wrong(away: readonly Span[]): Wrong {
    const wrong: Wrong = { lost: [], steppedBack: [], goodDeadLettered: [], poisonousNotDeadLettered: [] };
    const keep = (list: number[], n: number) => list.length < WRONG_KEPT && list.push(n);
    for (let n = 0; n < this.#flags.length; n++) {
      if (!this.#has(n, SENT)) continue;
      const isDead = this.#has(n, DEAD_LETTER);
      if (!isDead && !this.#has(n, FINAL)) keep(wrong.lost, n);
      if (isDead !== this.#has(n, POISONOUS)) keep(isDead ? wrong.goodDeadLettered : wrong.poisonousNotDeadLettered, n);
      if (this.#steppedBack(n, away) === 'steppedBack') keep(wrong.steppedBack, n);
    }
    return wrong;
  }

  /**
   * Whether a lower stage was published after a higher one, and whether Redis was away at some moment between. Of each pair of
   * stages the widest gap decides: of a frame that stepped back twice the second may be excused with the first. Answers that were
   * overtaken between their stamp and their topic count too, each by itself.
   */
  #steppedBack(n: number, away: readonly Span[]): 'steppedBack' | 'whileAway' | null {
    let found: 'whileAway' | null = null;
    const isExcused = ({ from, to }: Span) => away.some((span) => span.from <= to && span.to >= from);
    for (const span of this.#overtaken.get(n) ?? []) {
      if (!isExcused(span)) return 'steppedBack';
      found = 'whileAway';
    }
    for (let low = 0; low < this.#stages; low++) {
      const after = this.#last[n * this.#stages + low] ?? 0;
      for (let high = low + 1; after > 0 && high < this.#stages; high++) {
        const before = this.#first[n * this.#stages + high] ?? 0;
        if (before === 0 || before >= after) continue;
        if (!isExcused({ from: this.#startAt + before - 1, to: this.#startAt + after - 1 })) return 'steppedBack';
        found = 'whileAway';
      }
    }
    return found;
  }

  /**
   * Whether it stands on its topic behind one of a higher stage, though it was stamped no later: its worker was frozen, or its send
   * held up, between the two. The stamps do not show that. One of the same kind and stage that stood there before makes it a copy:
   * a send that was given up as failed may still come to its topic after the one that replaced it and the answers behind that, with
   * the older stamp. That is what at least once means, and it is counted as a duplicate.
   */
  #isOvertaken(n: number, { stage, final, publishedAt, topic }: Answer): boolean {
    const higher = (this.#saidAt(placeOf(n, topic, false)) | this.#saidAt(placeOf(n, topic, true))) >> (stage + 1);
    if (higher === 0 || (this.#saidAt(placeOf(n, topic, final)) >> stage) & 1) return false;
    const highest = stage + 32 - Math.clz32(higher);
    return this.#ms(publishedAt) <= (this.#first[n * this.#stages + highest] ?? 0);
  }

  /** Redis was asked about it before its stamp, and whoever overtook it had asked before it was appended. */
  #noteOvertaken(n: number, { publishedAt, appendedAt }: Answer): void {
    const spans = this.#overtaken.get(n) ?? [];
    spans.push({ from: publishedAt, to: Math.max(publishedAt, appendedAt) });
    this.#overtaken.set(n, spans);
  }

  #isRepeated(n: number, { stage, final, topic }: Answer): boolean {
    if (final) return this.#has(n, FINAL);
    if (topic === 'coarse') return this.#has(n, COARSE);
    return ((this.#saidAt(placeOf(n, topic, final)) >> stage) & 1) === 1;
  }

  #saidAt(place: number): number {
    return this.#said[place] ?? 0;
  }

  #end(n: number, how: number): void {
    if (this.#has(n, SENT) && !this.#has(n, FINAL) && !this.#has(n, DEAD_LETTER)) this.#open -= 1;
    this.#mark(n, how);
  }

  #has(n: number, flag: number): boolean {
    return ((this.#flags[n] ?? 0) & flag) !== 0;
  }

  #mark(n: number, flags: number): void {
    this.#flags[n] = (this.#flags[n] ?? 0) | flags;
  }

  #ms(at: number): number {
    return Math.max(1, Math.round(at - this.#startAt) + 1);
  }
}

const placeOf = (n: number, topic: Answer['topic'], final: boolean) =>
  n * PLACES + (topic === 'coarse' ? 0 : 2) + (final ? 1 : 0);

const share = (part: number, whole: number) => (whole === 0 ? 0 : Math.round((part / whole) * 1e6) / 1e6);
