// `anytime send`: images on the frames topic, at a steady rate if wanted, with what is asked of them.
import { basename, join, normalize } from 'node:path';
import { Command } from 'commander';
import { KafkaFrameSender } from '../../adapters/kafka/frame-sender.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { kafkaConnection } from '../../connections.ts';
import { plainText } from '../../core/plain-text.ts';
import type { DataSet } from '../../training/data-set/frame.ts';
import { openDataSet } from '../../training/data-set/open-data-set.ts';
import { numberAbove0, numberFrom, wholeNumber } from '../arguments.ts';
import { Arrivals } from '../arrivals.ts';
import { addConfigFlags, configOf, KAFKA_CONNECTION_SETTINGS } from '../config-flags.ts';
import { counted } from '../counted.ts';
import { frameRecordOf, stableId } from '../frame-record-of.ts';
import { noImageWarnings } from '../no-image-warnings.ts';
import { createOutput } from '../output.ts';
import { createProgress } from '../progress.ts';
import { sendPaced } from '../send-paced.ts';
import { untilSignal } from '../until-signal.ts';

interface Flags {
  readonly topic?: string;
  readonly rate?: number;
  readonly deadlineMs?: number;
  readonly budget?: number;
  readonly minConfidence?: number;
  readonly maxStage?: number;
  readonly priority?: number;
  readonly limit?: number;
  readonly loop?: boolean;
  readonly idPrefix: string;
  readonly seed: number;
  readonly json?: boolean;
}

export function sendCommand(): Command {
  const command = new Command('send')
    .description('Put images on the frames topic: folders (one per class, or flat), tars, single files')
    .argument('<paths...>', 'folders, tars, images')
    .option('--topic <name>', 'the same as --frames-topic')
    .option(
      '--rate <n>',
      'frames a second (Poisson); default: as fast as they are acknowledged',
      numberAbove0('--rate', 'frames a second'),
    )
    .option(
      '--deadline-ms <ms>',
      'deadline after the time a frame is due',
      numberAbove0('--deadline-ms', 'milliseconds'),
    )
    .option('--budget <passes>', 'most compute of a frame', numberAbove0('--budget', 'a number of passes'))
    .option('--min-confidence <n>', 'confidence that is good enough', numberFrom('--min-confidence', 'a number', 0, 1))
    .option('--max-stage <n>', 'deepest stage wanted', wholeNumber('--max-stage', 'a stage', 1))
    .option('--priority <n>', 'weight of refining these frames', wholeNumber('--priority', 'a priority', 0, 9))
    .option('--limit <n>', 'stop after so many frames', wholeNumber('--limit', 'a number of frames', 1))
    .option('--loop', 'begin again at the end, until --limit or Ctrl-C')
    .option('--id-prefix <text>', 'put before each id; a frame sent again under the same id is answered once', '')
    .option('--seed <n>', 'same seed, same gaps between frames', wholeNumber('--seed', 'a seed', 0), 1)
    .option('--json', 'end with one JSON document on stdout');
  return addConfigFlags(command, [...KAFKA_CONNECTION_SETTINGS, 'framesTopic'])
    .addHelpText('after', EXAMPLES)
    .action(run);
}

async function run(paths: string[], flags: Flags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const { topic: framesTopic, deadlineMs = null, budget = null, minConfidence = null } = flags;
  const asks = {
    deadlineMs,
    budget,
    minConfidence,
    maxStage: flags.maxStage ?? null,
    priority: flags.priority ?? null,
  };
  // These flags are for the frames' headers; of the settings only those of Kafka count.
  const config = configOf({ ...kafkaOnly(flags), ...(framesTopic !== undefined && { framesTopic }) });
  const sender = new KafkaFrameSender({ ...kafkaConnection(config), topic: config.framesTopic });
  const stop = untilSignal();
  const progress = createProgress('frames sent');
  const startedAt = performance.now();
  let frames = 0;
  try {
    await sender.start();
    await sendPaced(framesOf(paths, flags), {
      sender,
      arrivals: flags.rate === undefined ? null : new Arrivals(flags.seed, systemClock.now()),
      rate: flags.rate ?? 1,
      now: systemClock.now,
      toRecord: (frame, dueAt) => frameRecordOf(frame, asks, dueAt),
      sent: (total) => {
        frames = total;
        progress.update(total, flags.limit ?? null);
      },
      signal: stop.signal,
    });
    progress.end();
    const seconds = (performance.now() - startedAt) / 1000;
    const framesPerSecond = Math.round((frames * 10) / seconds) / 10;
    output.say(`${counted(frames, 'frame')} on ${config.framesTopic}, ${framesPerSecond} a second`);
    output.document({ frames, topic: config.framesTopic, seconds, framesPerSecond });
    if (stop.signal.aborted) process.exitCode = 130;
  } catch (error) {
    progress.end();
    output.say(`${counted(frames, 'frame')} on ${config.framesTopic} at least, before it failed`);
    throw error;
  } finally {
    stop.release();
    await sender.stop();
  }
}

/** Frames of all paths, one after another, with stable ids (`uniqueId`); from the second round on an id ends in #2, #3 … */
async function* framesOf(paths: readonly string[], { limit = Infinity, loop = false, idPrefix }: Flags) {
  let count = 0;
  const check = noImageWarnings((line) => console.error(line));
  for (let round = 1; ; round++) {
    const before = count;
    for (const path of paths) {
      const set = await openDataSet(path);
      for await (const frame of set.frames()) {
        if (count >= limit) return;
        count += 1;
        if (round === 1) check(frame);
        const id = paths.length > 1 ? uniqueId(path, frame.id) : frame.id;
        yield { ...frame, id: stableId(idPrefix, round === 1 ? id : `${id}#${round}`) };
      }
      if (round === 1) tellIgnored(path, set);
    }
    if (!loop || count === before) return;
  }
}

/** Files of two paths may have one name: there the path belongs to the id. A single file is named by its own already. */
export function uniqueId(path: string, id: string): string {
  return id === basename(path) ? normalize(path) : join(path, id);
}

function tellIgnored(path: string, { ignored }: DataSet): void {
  const [first] = ignored;
  if (first === undefined) return;
  console.error(plainText(`${path}: ${ignored.length} left out, the first: ${first.path} (${first.reason})`));
}

function kafkaOnly(flags: Flags): Record<string, unknown> {
  const given = flags as unknown as Record<string, unknown>;
  return Object.fromEntries(['config', 'framesTopic', ...KAFKA_CONNECTION_SETTINGS].map((name) => [name, given[name]]));
}

const EXAMPLES = `
Examples:
  anytime send photos/
  anytime send test.tar --rate 200 --deadline-ms 500 --limit 10000 --loop
  anytime send cat.jpg --min-confidence 1 --id-prefix once-more/`;
