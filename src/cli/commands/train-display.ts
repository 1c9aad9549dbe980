// What a person sees of a training: a bar where stderr is a terminal, else a line now and then; the exits as a table after each epoch.
import { SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import type { TrainEvent } from '../../training/options.ts';
import { dataEventText } from '../data-event-text.ts';

const LINE_EVERY_MS = 20_000;

export interface TrainingDisplay {
  show(event: TrainEvent): void;
  /** Idempotent. */
  end(): void;
}

/** Writes to stderr: stdout is for results. */
export function createTrainingDisplay(): TrainingDisplay {
  const isTerminal = process.stderr.isTTY === true;
  const bar = new SingleBar({ format: '{bar} {value}/{total} {what}', stream: process.stderr, hideCursor: true });
  let isShown = false;
  let lastLineAt = Date.now();
  const end = () => {
    if (isShown) bar.stop();
    isShown = false;
  };
  const line = (text: string) => {
    end();
    console.error(text);
  };
  const advance = (value: number, all: number | null, what: string) => {
    const total = all ?? value;
    if (isTerminal) {
      if (!isShown) bar.start(total, value, { what });
      isShown = true;
      bar.setTotal(total);
      bar.update(value, { what });
    } else if (Date.now() - lastLineAt > LINE_EVERY_MS) {
      lastLineAt = Date.now();
      console.error(`${value}/${total} ${what}`);
    }
  };
  const show = (event: TrainEvent): void => {
    switch (event.type) {
      case 'loading':
        advance(event.done, event.all, 'frames read');
        break;
      case 'bad-frame':
      case 'bad-frames':
        line(dataEventText(event));
        break;
      case 'known-frames':
        for (const text of knownTexts(event)) line(text);
        break;
      case 'may-know-held-out':
        line(
          `${event.from} learnt some of these classes from other frames, or what it began with did: if some of those are held out now, the figures on held-out frames are too good`,
        );
        break;
      case 'started':
        line(describeStart(event));
        break;
      case 'step':
        advance(event.step, event.steps, describeStep(event));
        break;
      case 'epoch':
        line(describeEpoch(event));
        break;
      case 'stopped':
        line(`Stopped after step ${event.step}; the same command goes on from there.`);
        break;
      case 'finished':
        line(`Finished after ${event.seconds.toFixed(0)} s of training.${describeBest(event)}`);
    }
  };
  return { show, end };
}

function knownTexts({ heldOut, test }: TrainEvent & { type: 'known-frames' }): string[] {
  const told = [
    {
      ...heldOut,
      what: 'frames held out',
      where: 'those to train on too: the figures on held-out frames are too good',
    },
    { ...test, what: 'frames to test on', where: 'the training data too: the figures on test frames are too good' },
  ];
  return told
    .filter(({ known }) => known > 0)
    .map(({ known, frames, what, where }) => `${known} of ${frames} ${what} are, pixel by pixel, among ${where}`);
}

function describeStart(event: TrainEvent & { type: 'started' }): string {
  const from = event.fromStep > 0 ? `, going on from step ${event.fromStep}` : '';
  const size = `${event.parameters} parameters, ${(event.macs / 1e6).toFixed(1)} MMAC a pass`;
  return `${event.frames} frames to train on, ${event.validationFrames} held out; ${size}; ${event.steps} steps${from}`;
}

function describeBest({ best }: TrainEvent & { type: 'finished' }): string {
  if (best === null) return '';
  const accuracy = `${(100 * best.meanAccuracy).toFixed(2)} %`;
  return ` Epoch ${best.epoch} was better than the last (mean accuracy of the exits ${accuracy}): its weights are kept.`;
}

function describeStep({ epoch, losses, framesPerSecond }: TrainEvent & { type: 'step' }): string {
  const each = losses.map((loss) => loss.toFixed(3)).join(' ');
  return `epoch ${epoch}, losses ${each}, ${framesPerSecond.toFixed(0)} frames/s`;
}

function describeEpoch(event: TrainEvent & { type: 'epoch' }): string {
  const head = ['exit', 'train loss', 'validation loss', 'validation accuracy'];
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const [i, { loss, accuracy }] of event.exits.entries()) {
    table.push([i + 1, event.trainLosses[i]?.toFixed(3), loss.toFixed(3), `${(100 * accuracy).toFixed(2)} %`]);
  }
  return `Epoch ${event.epoch} of ${event.epochs}, step ${event.step}, ${event.seconds.toFixed(0)} s\n${table.toString()}`;
}
