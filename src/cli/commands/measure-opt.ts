// OPT, the best that is known to be possible at a cost: bundles trained for one exit alone, measured on the same frames.
import type { Config } from '../../config.ts';
import { LATEST } from '../../core/answer-rule.ts';
import { AnytimeError } from '../../errors.ts';
import { evaluate } from '../../evaluation/evaluate.ts';
import type { CostPoint } from '../../evaluation/report/report-input.ts';
import { readModel } from '../../network/bundle.ts';
import type { Model } from '../../network/model.ts';
import type { FrameSet } from '../../training/frames.ts';
import { loadFrameSet } from '../load-frame-set.ts';
import { measuringRunner } from '../measuring-runner.ts';
import { createProgress } from '../progress.ts';

/** The last exit of a bundle: cost and accuracy. */
export interface OptPoint extends CostPoint {
  readonly bundle: string;
}

export interface MeasureOptOptions {
  readonly config: Config;
  /** As the compared model takes them: a bundle of another input size reads `data` anew. */
  readonly frames: FrameSet;
  readonly data: string;
  readonly limit: number | null;
  readonly batch: number;
  readonly say: (text: string) => void;
}

export interface OptModel {
  readonly folder: string;
  readonly model: Model;
}

/** `of`: the model that they are to be compared with. Errors: bad-bundle, bad-argument for a bundle of other classes. */
export async function readOptModels(folders: readonly string[], of: Model): Promise<OptModel[]> {
  return await Promise.all(folders.map(async (folder) => ({ folder, model: await ownModel(folder, of) })));
}

/** In order of cost. Errors: bad-data-set, and those of the engine. */
export async function measureOpt(models: readonly OptModel[], options: MeasureOptOptions): Promise<OptPoint[]> {
  const points: OptPoint[] = [];
  for (const one of models) points.push(await lastExit(one, options));
  return points.sort((a, b) => a.macs - b.macs);
}

async function ownModel(folder: string, { name, classes }: Model): Promise<Model> {
  const model = await readModel(folder);
  if (model.classes.join() === classes.join()) return model;
  const got = `${model.classes.slice(0, 3).join(', ')} …`;
  throw new AnytimeError('bad-argument', `Expected \`--opt\` ${folder} to have the classes of ${name}, got ${got}`);
}

async function lastExit({ folder, model }: OptModel, options: MeasureOptOptions): Promise<OptPoint> {
  const { config, batch, say } = options;
  const frames = await framesFor(model, options);
  const runner = measuringRunner({ ...config, model: folder }, batch);
  const progress = createProgress(`frames evaluated by ${folder}`);
  try {
    await runner.start();
    const { exits } = await evaluate({ model, frames, runner, batch, answer: LATEST, progress: progress.update });
    const { macs, accuracy } = exits.at(-1) as (typeof exits)[number];
    progress.end();
    if (!/--weights[ =]opt\b|^study opt-exit-/.test(model.training.command))
      say(`${folder} was not trained for its last exit alone: ${model.training.command}`);
    return { bundle: folder, macs, accuracy };
  } finally {
    progress.end();
    await runner.stop();
  }
}

async function framesFor(model: Model, { frames, data, limit }: MeasureOptOptions): Promise<FrameSet> {
  const { height, width } = model.network.input;
  if (frames.height === height && frames.width === width) return frames;
  return (await loadFrameSet(data, model, limit, () => {})).frames; // images left out are told of once
}

/** Costs that differ by less than this share are of one exit: heads may differ. */
const SAME_COST = 0.02;

/** How far each exit that has its OPT is behind it, for people. */
export function optText(opt: readonly OptPoint[], exits: readonly (CostPoint & { readonly stage: number })[]): string {
  return opt
    .map(({ bundle, macs, accuracy }) => {
      const exit = exits.find((own) => Math.abs(own.macs - macs) < SAME_COST * macs);
      const own = `OPT ${bundle}: ${(100 * accuracy).toFixed(2)} % at ${(macs / 1e6).toFixed(2)} MMAC`;
      if (exit === undefined) return `${own}, where the model has no exit`;
      const points = 100 * (accuracy - exit.accuracy);
      return `${own}; exit ${exit.stage} is ${Math.abs(points).toFixed(2)} points ${points < 0 ? 'above' : 'below'} it`;
    })
    .join('\n');
}
