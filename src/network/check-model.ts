// Does a model.json agree with itself? Its schema says what a field may be; here: what the fields say about each other.
import { z } from 'zod';
import { badBundle } from './bad-bundle.ts';
import { checkDemand } from './check-demand.ts';
import { stageCosts } from './cost.ts';
import { BUNDLE_FORMAT, type Model, ModelSchema } from './model.ts';
import { sizeOf, tensorShapes } from './shapes.ts';

/** Costs are written as JSON numbers: they come back exactly, but let a bundle round them. */
const PASSES_TOLERANCE = 1e-6;

/**
 * The model in the JSON of a model.json, checked: schema, format version, one entry per stage wherever there must be one,
 * costs and tensors as the network's shapes make them. `where` names the file in messages. Errors: bad-bundle.
 */
export function checkModel(json: unknown, where: string): Model {
  const format = z.looseObject({ format: z.number() }).safeParse(json).data?.format;
  if (format !== undefined && format > BUNDLE_FORMAT)
    throw badBundle(
      where,
      `Expected bundle format ${BUNDLE_FORMAT}, got ${format}: a newer anytime-stream wrote this bundle; update this one`,
    );
  const model = expectParsed(ModelSchema.safeParse(json), where);
  checkDemand(model.network, model.classes.length, where);
  checkCosts(model, where);
  checkQuality(model, where);
  checkAnswer(model, where);
  checkTensors(model, where);
  return model;
}

/** What of a description is known before any training. */
const BeginningSchema = ModelSchema.pick({ name: true, version: true, classes: true });

/** The same checks of what stands before a training, so that none ends with a bundle that is refused. Errors: bad-bundle. */
export function checkBeginning(
  { network, ...names }: Pick<Model, 'name' | 'version' | 'classes' | 'network'>,
  where: string,
): void {
  expectParsed(BeginningSchema.safeParse(names), where);
  checkDemand(network, names.classes.length, where);
}

function expectParsed<T>(parsed: z.ZodSafeParseResult<T>, where: string): T {
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw badBundle(where, `at ${issue?.path.join('.') || 'the top'}: ${issue?.message}`);
}

function checkCosts({ network, classes, stages }: Model, where: string): void {
  checkEqual(where, 'stages', `${network.stages.length} entries, one per stage`, stages.length, network.stages.length);
  stageCosts(network, classes.length).forEach((cost, index) => {
    const stated = stages[index];
    const at = `stages.${index}`;
    checkEqual(where, `${at}.macs`, `${cost.macs} (from the network's shapes)`, stated?.macs, cost.macs);
    checkEqual(where, `${at}.headMacs`, `${cost.headMacs}`, stated?.headMacs, cost.headMacs);
    checkEqual(where, `${at}.activations`, `${cost.activations}`, `${stated?.activations}`, `${cost.activations}`);
    if (Math.abs((stated?.passes ?? 0) - cost.passes) > PASSES_TOLERANCE)
      throw badBundle(where, `at ${at}.passes: Expected ${cost.passes}, got ${stated?.passes}`);
  });
}

function checkQuality({ network, quality, defaultMinConfidence }: Model, where: string): void {
  const { exits, bucketEdges } = quality;
  checkEqual(where, 'quality.exits', `${network.stages.length} entries`, exits.length, network.stages.length);
  if (typeof defaultMinConfidence !== 'number')
    checkEqual(
      where,
      'defaultMinConfidence',
      `one number or ${network.stages.length}, one per exit`,
      defaultMinConfidence.length,
      network.stages.length,
    );
  const isAscending = bucketEdges.every((edge, index) => edge > (bucketEdges[index - 1] ?? 0));
  if (!isAscending || bucketEdges.at(-1) !== 1)
    throw badBundle(where, `at quality.bucketEdges: Expected ascending edges that end with 1, got ${bucketEdges}`);
  exits.forEach(({ buckets }, index) => {
    const at = `quality.exits.${index}.buckets`;
    checkEqual(where, at, `${bucketEdges.length} buckets, one per edge`, buckets.length, bucketEdges.length);
    for (const { frames, right, rightNext = 0 } of buckets) {
      const most = Math.max(right, rightNext);
      if (most > frames) throw badBundle(where, `at ${at}: Expected at most ${frames} right, got ${most}`);
    }
  });
}

function checkAnswer({ network, answer }: Model, where: string): void {
  if (answer?.weights === undefined) return;
  const { rule, weights } = answer;
  checkEqual(where, 'answer.weights', 'them only with rule product', rule, 'product');
  checkEqual(where, 'answer.weights', `${network.stages.length} pairs`, weights.length, network.stages.length);
}

function checkTensors({ network, classes, weights }: Model, where: string): void {
  const wanted = tensorShapes(network, classes.length);
  const listed = new Set<string>();
  for (const { name, shape } of weights.tensors) {
    const at = `tensor "${name}"`;
    const expected = wanted.get(name);
    if (!expected) throw badBundle(where, `${at}: Expected only the network's tensors, got one it has no use for`);
    if (listed.has(name)) throw badBundle(where, `${at}: Expected it once, got it twice`);
    checkEqual(where, at, `shape [${expected}]`, `[${shape}]`, `[${expected}]`);
    listed.add(name);
  }
  const missing = [...wanted.keys()].find((name) => !listed.has(name));
  if (missing) throw badBundle(where, `Expected tensor "${missing}" in weights.tensors, got none of that name`);
  const bytes = weightBytes(weights);
  checkEqual(where, 'weights.bytes', `${bytes} for these tensors`, weights.bytes, bytes);
}

/** Length of the weights file that this list of tensors makes, bytes. */
export function weightBytes(weights: Pick<Model['weights'], 'dtype' | 'tensors'>): number {
  const size = weights.dtype === 'float16' ? 2 : 4;
  return weights.tensors.reduce((sum, { shape }) => sum + sizeOf(shape) * size, 0);
}

function checkEqual<T>(where: string, at: string, expected: string, got: T, wanted: T): void {
  if (got !== wanted) throw badBundle(where, `at ${at}: Expected ${expected}, got ${got}`);
}
