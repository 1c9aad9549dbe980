// All that the topics hold of some frames, in order of time, with the faults around it: what to look at when a frame went wrong.
import { ERROR_HEADERS, headerText } from '../../core/envelope.ts';
import { messageOf } from '../../errors.ts';
import type { ReceivedRecord } from '../../ports.ts';
import { frameIdOf } from '../frame-id.ts';
import type { Wrong } from './account.ts';
import type { Field } from './field.ts';
import { frameIdOfNumber } from './frame-number.ts';
import type { Injected } from './inject.ts';
import { readWhole } from './read-whole.ts';

export interface LivesOptions {
  readonly brokers: readonly string[];
  readonly field: Pick<Field, 'framesTopic' | 'topics'>;
  readonly numbers: readonly number[];
  readonly injected: readonly Injected[];
  /** Epoch ms that times are told from. */
  readonly startAt: number;
}

/** Faults so long before its first and after its last record belong to a frame's life, ms. */
const AROUND_MS = 8000;

/** Frames that went wrong in one way: so many lives are told. */
const LIVES_SHOWN = 6;

/** Says which frames went wrong, and the lives of the first ones of each kind; nothing where none did. */
export async function tellLives({
  wrong,
  seed,
  say,
  ...where
}: Omit<LivesOptions, 'numbers'> & {
  readonly wrong: Partial<Wrong>;
  readonly seed: number;
  readonly say: (line: string) => void;
}): Promise<void> {
  const numbers = [...new Set(Object.values(wrong).flatMap((list) => list.slice(0, LIVES_SHOWN)))];
  if (numbers.length === 0) return;
  for (const [what, list] of Object.entries(wrong)) if (list.length > 0) say(`${what}: ${list.join(', ')}`);
  say(`Seed ${seed}.`);
  // What went wrong is told with or without these lives: whatever keeps them from being read may be what went wrong.
  const lives = await livesOfFrames({ ...where, numbers }).catch((error) => [`No lives: ${messageOf(error)}`]);
  for (const line of lives) say(line);
}

/** One line of text per happening, a heading for each frame. */
async function livesOfFrames({ brokers, field, numbers, injected, startAt }: LivesOptions): Promise<string[]> {
  const ids = numbers.map(frameIdOfNumber);
  const lives = new Map<string, { at: number; line: string }[]>(ids.map((id) => [id, []]));
  // Read through the one reader there is: the frames topic in the place of the coarse one, then that.
  for (const coarse of [field.framesTopic, field.topics.coarse]) {
    await readWhole(brokers, { ...field.topics, coarse }, (record) => {
      if (coarse === field.framesTopic && record.topic !== coarse) return;
      const life = lives.get(record.result?.id ?? frameIdOf(record));
      life?.push(happening(record));
    });
  }
  const told = (at: number) => `${String(Math.round(at - startAt)).padStart(8)} ms`;
  return [...lives].flatMap(([id, life]) => {
    const times = life.map(({ at }) => at);
    const [from, to] = [Math.min(...times) - AROUND_MS, Math.max(...times) + AROUND_MS];
    const faults = injected
      .filter(({ at }) => at >= from && at <= to)
      .map(({ at, kind, target }) => ({ at, line: `    (${kind} ${target})` }));
    const lines = [...life, ...faults].sort((a, b) => a.at - b.at).map(({ at, line }) => `${told(at)}  ${line}`);
    return [`Life of frame ${id}:`, ...lines];
  });
}

function happening(record: ReceivedRecord): { at: number; line: string } {
  const { topic, partition, offset, result, headers, timestamp } = record;
  const place = `${topic}/${partition}@${offset}`;
  if (result === null) {
    const reason = headerText(headers, ERROR_HEADERS.message);
    return { at: timestamp, line: reason === null ? `${place} sent` : `${place} dead letter: ${reason}` };
  }
  const { stage, final, exit, epoch, degraded, receivedAt, publishedAt } = result;
  const marks = [final ? `final (${exit})` : '', ...degraded.map((what) => `without ${what}`)].filter(Boolean);
  const taken = `taken ${Math.round(publishedAt - receivedAt)} ms before, epoch ${epoch}`;
  const appended = `appended ${Math.round(timestamp - publishedAt)} ms after`;
  return { at: publishedAt, line: [`${place} stage ${stage}`, ...marks, taken, appended].join(', ') };
}
