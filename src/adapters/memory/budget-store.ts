// BudgetStore in memory: what each frame has spent and answered, forgotten when its time to live is over.
import type { ExitReason } from '../../core/result.ts';
import { AnytimeError } from '../../errors.ts';
import {
  type Acknowledged,
  type BudgetStore,
  type Clock,
  type FrameProgress,
  type RecordEntry,
  UNBEGUN_TTL_MS,
} from '../../ports.ts';

interface Entry {
  readonly expiresAt: number;
  /** By stage, passes; 0 where they are among a later one's. */
  readonly paid: Map<number, number>;
  /** The highest stage that was told with all before it. */
  whole: number;
  spent: number;
  attempts: number;
  stage: number;
  answer: string | null;
  exit: ExitReason | null;
  isRecorded: boolean;
  acknowledgedStage: number;
  isAcknowledged: boolean;
}

/** A sweep for expired entries after this many new ones: their number stays bounded by what lives. */
const SWEEP_EVERY = 1024;

export class MemoryBudgetStore implements BudgetStore {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #since: number;
  #created = 0;
  #isStopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
  }

  async start(): Promise<void> {}

  remembersSince(): number {
    return this.#since;
  }

  /** Frames kept now, those included whose time is over and that no sweep has met yet. */
  get size(): number {
    return this.#entries.size;
  }

  async begin(
    frameIds: readonly string[],
    ttlMs: number,
    countUpTo = Number.POSITIVE_INFINITY,
  ): Promise<FrameProgress[]> {
    this.#expectRunning();
    return frameIds.map((id) => {
      const entry = this.#entry(id, ttlMs);
      const attempts = entry.attempts + 1;
      if (attempts <= countUpTo) entry.attempts = attempts;
      const { spent, stage, answer, exit, acknowledgedStage, isAcknowledged } = entry;
      const isFinal = exit !== null;
      return { spent, attempts, stage, answer, isFinal, acknowledgedStage, isAcknowledged };
    });
  }

  async giveBack(frames: readonly { readonly frameId: string; readonly attempts: number }[]): Promise<void> {
    this.#expectRunning();
    for (const { frameId, attempts } of frames) {
      const entry = this.#entries.get(frameId);
      if (entry?.attempts === attempts + 1) entry.attempts = attempts;
    }
  }

  async record(entries: readonly RecordEntry[]): Promise<boolean[]> {
    this.#expectRunning();
    return entries.map((told) => {
      const { frameId, stage, exit, answer } = told;
      const entry = this.#entry(frameId, UNBEGUN_TTL_MS);
      pay(entry, told);
      const isSameAnswer = answer === null || answer === entry.answer;
      const isSameFinal = exit !== null && entry.stage === stage && entry.exit === exit && isSameAnswer;
      if (stage < entry.stage || (entry.exit !== null && !isSameFinal)) return false;
      if (stage > entry.stage || exit !== null) entry.attempts = 0;
      entry.isRecorded = true;
      entry.stage = stage;
      entry.exit = exit;
      entry.answer = answer ?? entry.answer;
      return true;
    });
  }

  async acknowledge(acknowledged: readonly Acknowledged[]): Promise<void> {
    this.#expectRunning();
    for (const { frameId, stage, isFinal } of acknowledged) {
      const entry = this.#entries.get(frameId);
      if (!entry?.isRecorded) continue;
      entry.acknowledgedStage = Math.max(entry.acknowledgedStage, stage);
      entry.isAcknowledged ||= isFinal && entry.exit !== null;
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
  }

  #entry(id: string, ttlMs: number): Entry {
    const now = this.#clock.now();
    const known = this.#entries.get(id);
    if (known && known.expiresAt > now) return known;
    const fresh: Entry = {
      expiresAt: now + ttlMs,
      paid: new Map(),
      whole: 0,
      spent: 0,
      attempts: 0,
      stage: 0,
      answer: null,
      exit: null,
      isRecorded: false,
      acknowledgedStage: 0,
      isAcknowledged: false,
    };
    this.#entries.set(id, fresh);
    this.#created += 1;
    if (this.#created % SWEEP_EVERY === 0) this.#sweep(now);
    return fresh;
  }

  #sweep(now: number): void {
    for (const [id, entry] of this.#entries) if (entry.expiresAt <= now) this.#entries.delete(id);
  }

  #expectRunning(): void {
    if (this.#isStopped) throw new AnytimeError('stopped', 'Expected calls before the budget store is stopped');
  }
}

/** Costs once, or what the stages so far are short of. */
function pay(entry: Entry, { stage, cost, costSoFar }: RecordEntry): void {
  const { paid } = entry;
  let due = paid.has(stage) ? 0 : cost;
  if (costSoFar !== undefined) {
    if (stage < entry.whole) return;
    entry.whole = stage;
    due = costSoFar;
    for (let below = 0; below <= stage; below++) {
      const already = paid.get(below) ?? 0;
      paid.set(below, already);
      due -= already;
    }
  }
  due = Math.max(0, due);
  paid.set(stage, (paid.get(stage) ?? 0) + due);
  entry.spent += due;
}
