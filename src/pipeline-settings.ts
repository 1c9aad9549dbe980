// From the settings and the bundle's description to what the pipeline wants to know: one place for the worker and the demo.
import type { Config } from './config.ts';
import { LATEST } from './core/answer-rule.ts';
import type { Model } from './network/model.ts';
import { stageTableOf } from './network/stage-table-of.ts';
import type { PipelineSettings } from './pipeline/context.ts';

export function pipelineSettings(config: Config, model: Model): PipelineSettings {
  const { width, height } = model.network.input;
  return {
    workerId: config.workerId,
    model: `${model.name}@${model.version}`,
    classes: model.classes,
    table: stageTableOf(model),
    answer: model.answer ?? LATEST,
    defaults: {
      deadlineMs: config.deadlineMs,
      budget: config.budget,
      minConfidence: config.minConfidence ?? model.defaultMinConfidence,
    },
    credits: { maxFrames: config.maxHeldFrames, maxBytes: config.maxHeldBytes, decodedBytes: width * height * 3 },
    schedule: { maxBatch: config.maxBatch, maxRunMs: config.maxRunMs },
    maxHeldActivationBytes: config.maxHeldActivationBytes,
    maxUnsentBytes: config.maxUnsentBytes,
    frameTtlMs: config.frameTtlMs,
    loadEveryMs: config.loadEveryMs,
    commitEveryMs: config.commitEveryMs,
    maxOffsetMapBytes: config.maxOffsetMapBytes,
    maxFailedRuns: config.maxFailedRuns,
    hang: { factor: config.hangFactor, floorMs: config.hangFloorMs },
    maxAttempts: config.maxAttempts,
  };
}
