// `anytime watch`: the best answer so far of each frame, a line at each improvement.
import { Command } from 'commander';
import { KafkaResultReader } from '../../adapters/kafka/result-reader.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { kafkaConnection } from '../../connections.ts';
import { ERROR_HEADERS, headerText, type ResultTopics } from '../../core/envelope.ts';
import { plainText } from '../../core/plain-text.ts';
import type { ResultValue } from '../../core/result.ts';
import { deepest } from '../../evaluation/run-document.ts';
import { RunScore } from '../../evaluation/run-score.ts';
import type { ReceivedRecord } from '../../ports.ts';
import { wholeNumber } from '../arguments.ts';
import { addConfigFlags, configOf, KAFKA_SETTINGS } from '../config-flags.ts';
import { frameIdOf } from '../frame-id.ts';
import { createOutput, type Output } from '../output.ts';
import { untilSignal } from '../until-signal.ts';

interface Flags {
  readonly untilFinal?: number;
  readonly fromBeginning?: boolean;
  readonly json?: boolean;
}

export function watchCommand(): Command {
  const command = new Command('watch')
    .description('The best answer so far of each frame: a line at each improvement, until Ctrl-C')
    .option(
      '--until-final <n>',
      'end when so many frames have ended',
      wholeNumber('--until-final', 'a number of frames', 1),
    )
    .option('--from-beginning', 'read the result topics from their beginning, not from now on')
    .option('--json', 'end with one JSON document on stdout; lines go to stderr');
  return addConfigFlags(command, KAFKA_SETTINGS).addHelpText('after', EXAMPLES).action(run);
}

async function run(flags: Flags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const config = configOf({ ...flags });
  const topics = { coarse: config.coarseTopic, refined: config.refinedTopic, deadLetters: config.deadLetterTopic };
  const reader = new KafkaResultReader({
    ...kafkaConnection(config),
    topics,
    from: flags.fromBeginning ? 'beginning' : 'now',
  });
  const score = new RunScore({ isOpen: true });
  const stop = untilSignal();
  const ended = new Set<string>();
  /** Dead letters whose final record, which follows, was not seen yet. */
  const refused = new Set<string>();
  let lastRecords: NodeJS.Timeout | undefined;
  /** Who watches for days is not to hold every frame that ever was. */
  const forget = () => {
    for (const id of score.forget(systemClock.now() - config.frameTtlMs)) {
      ended.delete(id);
      refused.delete(id);
    }
  };
  const isWholeWanted = flags.json === true || flags.untilFinal !== undefined;
  const forgetting = isWholeWanted ? undefined : setInterval(forget, FORGET_EVERY_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      const take = (record: ReceivedRecord) => {
        const { result } = record;
        if (result === null && record.topic === topics.deadLetters) {
          const id = frameIdOf(record);
          if (score.deadLettered(id, systemClock.now()) !== 'duplicate') output.say(refusalLine(id, record, output));
          if (!ended.has(id)) refused.add(id);
          ended.add(id);
        } else if (result !== null) {
          const topic = record.topic === topics.coarse ? 'coarse' : 'refined';
          const news = score.received(result, topic, systemClock.now());
          if (news === 'better' || news === 'end') output.say(answerLine(bestOf(result, score), output));
          if (result.final) {
            ended.add(result.id);
            refused.delete(result.id);
          }
        }
        if (ended.size < (flags.untilFinal ?? Number.POSITIVE_INFINITY)) return;
        // Topics are read side by side: an end may be seen before its frame's first answer is, a dead letter before its final record.
        if (score.withoutCoarse().length + refused.size === 0) resolve();
        else lastRecords ??= setTimeout(resolve, LAST_RECORDS_MS);
      };
      stop.signal.addEventListener('abort', () => resolve());
      const ready = () => {
        if (!stop.signal.aborted) console.error(waitingLine(topics));
      };
      reader.start({ records: (records) => records.forEach(take), failed: reject }).then(ready, reject);
    });
    output.document({ ...score.document(null), ended: ended.size });
    if (stop.signal.aborted && flags.untilFinal !== undefined) process.exitCode = 130;
  } finally {
    clearTimeout(lastRecords);
    clearInterval(forgetting);
    stop.release();
    await reader.stop();
  }
}

/** Said once answers are read: what is sent from now on is seen. */
export function waitingLine(topics: ResultTopics): string {
  return `Waiting for answers on ${Object.values(topics).join(', ')} …`;
}

/** How long what is still to come of the frames is waited for once the wanted ends were seen, ms. */
const LAST_RECORDS_MS = 5000;

const FORGET_EVERY_MS = 60_000;

/** An end with an answer of a lower stage than one that is known ends the frame with that one (Redis was away, or emptied, meanwhile). */
export function bestOf(result: ResultValue, score: RunScore): ResultValue {
  const frame = score.frame(result.id);
  const stage = frame ? deepest(frame) : 0;
  const best = frame?.answers.get(stage);
  if (best === undefined || stage <= result.stage) return result;
  return { ...result, ...best, stage };
}

/** "cat/7.jpg  cat 0.83  stage 2/5", the exit where the answer is an earlier one's, and, at the end of a frame, why. */
export function answerLine(result: ResultValue, { colours }: Pick<Output, 'colours'>): string {
  const answer =
    result.label === null
      ? 'no answer'
      : `${colours.bold(plainText(result.label))} ${(result.confidence ?? 0).toFixed(2)}`;
  const end = result.exit === null ? '' : colours.dim(`  final: ${result.exit}, ${result.spent.toFixed(2)} passes`);
  const { stage, answerStage = stage } = result;
  const kept = answerStage < stage ? ` (answer of exit ${answerStage})` : '';
  return `${plainText(result.id)}  ${answer}  stage ${stage}/${result.stages}${kept}${end}`;
}

export function refusalLine(
  id: string,
  { headers }: Pick<ReceivedRecord, 'headers'>,
  { colours }: Pick<Output, 'colours'>,
): string {
  const why = headerText(headers, ERROR_HEADERS.message) ?? '';
  return `${plainText(id)}  ${colours.red('dead letter')}  ${plainText(why)}`;
}

const EXAMPLES = `
Examples:
  anytime watch
  anytime watch --from-beginning --until-final 1000 --json | tail -1`;
