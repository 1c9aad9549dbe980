// A frame that takes long blocks no other: the same frames on one partition, once without and once with a frame among them whose
// decoding takes half a minute. What counts is when all others are done.
import { AnytimeError } from '../../../errors.ts';
import { ASK_NOTHING, frameRecordOf } from '../../frame-record-of.ts';
import { frameIdOfNumber } from '../frame-number.ts';
import { colourImage } from '../make-frame.ts';
import { type ScenarioOptions, type Scene, withScene } from './set-up.ts';

export interface SlowFrameDocument {
  readonly scenario: 'slow-frame';
  readonly frames: number;
  readonly slowMs: number;
  /** From the first frame sent to the end of the last of the others. */
  readonly withoutMs: number;
  readonly withMs: number;
  readonly ratio: number;
  /** From the sending of the slow one to its end: not less than it is to take. Null where it, or another, did not end as promised. */
  readonly slowFrameMs: number | null;
  readonly isPassed: boolean;
}

/** What is promised. */
const MOST = 1.2;
const WORKER = { workers: 1, partitions: 1 };

export async function slowFrame(options: ScenarioOptions): Promise<SlowFrameDocument> {
  const { frames, say, slowMs } = options;
  // Early among them, so that what waits behind it is nearly all.
  const slow = Math.floor(frames / 20);
  const image = await colourImage('slow');
  const [withoutMs, isWhole] = await withScene(
    options,
    WORKER,
    async (scene) => [await timed(scene, 0), await scene.isWhole()] as const,
  );
  say(`Without: ${withoutMs} ms`);
  const flags = ['--decode-limit-ms', String(2 * slowMs)];
  const [withMs, slowFrameMs] = await withScene(options, { ...WORKER, flags }, async (scene) => {
    const record = (n: number, at: number) =>
      n === slow
        ? frameRecordOf({ id: frameIdOfNumber(n), label: null, bytes: image }, ASK_NOTHING, at)
        : scene.make.record(n, null, at);
    const ms = await timed(scene, 1, record);
    say(`With: ${ms} ms`);
    const hasEnded = (await scene.untilOpen(0)) && (await scene.isWhole());
    const [sentAt, endedAt] = [scene.account.sentAt(slow), scene.account.endedAt(slow)];
    return [ms, hasEnded && sentAt !== null && endedAt !== null ? Math.round(endedAt - sentAt) : null] as const;
  });
  const ratio = Math.round((withMs / withoutMs) * 1000) / 1000;
  return {
    ...{ scenario: 'slow-frame', frames, slowMs, withoutMs, withMs, ratio, slowFrameMs },
    isPassed: isWhole && ratio <= MOST && slowFrameMs !== null && slowFrameMs >= slowMs,
  };
}

/** Sends all at once; ms until no more than `open` frames have no end. */
async function timed(scene: Scene, open: number, record?: Parameters<Scene['send']>[2]): Promise<number> {
  const since = Date.now();
  await scene.send(null, undefined, record);
  // A frame that never ends would only add to the time: of the round without the slow frame, too.
  if (!(await scene.untilOpen(open)))
    throw new AnytimeError(
      'broker-unavailable',
      `Expected all frames but ${open} to end, got ${scene.account.open} open`,
    );
  return Date.now() - since;
}
