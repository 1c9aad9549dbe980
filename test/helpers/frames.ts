// Frames and a small network's table for tests of the decisions: what a test does not name has a plain value.
import { type Answer, type Frame, newFrame } from '../../src/core/frame.ts';
import type { FrameSpec } from '../../src/core/frame-spec.ts';
import { LatencyModel } from '../../src/core/latency-model.ts';
import { StageTable } from '../../src/core/stage-table.ts';
import { frameRecord } from './records.ts';

/** Four exits at 1/8, 1/4, 1/2 and all of the cost, right in 60, 75, 85 and 90 % of the frames; no confidence buckets. */
export const table = new StageTable(
  [0.125, 0.25, 0.5, 1],
  [0.6, 0.75, 0.85, 0.9].map((accuracy) => ({ accuracy, buckets: [{ frames: 0, right: 0 }] })),
  [1],
);

/** Ls(b) = fixedMs + perFrameMs·b for every stage. */
export function latencyOf(fixedMs: number, perFrameMs: number, stages = table.stages): LatencyModel {
  const runs = Array.from({ length: stages }, (_, i) =>
    [1, 8, 32].map((batch) => ({ stage: i + 1, batch, ms: fixedMs + perFrameMs * batch })),
  );
  return new LatencyModel(stages, runs.flat());
}

let count = 0;

/** A frame that has run `stage` stages; deadline in epoch ms, none unless given. */
export function frame(
  parts: Partial<FrameSpec> & { stage?: number; confidence?: number; receivedAt?: number } = {},
): Frame {
  const { stage = 0, confidence = 0.5, receivedAt = 0, ...spec } = parts;
  const id = spec.id ?? `frame-${++count}`;
  const full: FrameSpec = {
    id,
    storeKey: id,
    source: 'test',
    format: { kind: 'image' },
    deadline: null,
    budget: 1,
    minConfidence: 0.9,
    maxStage: null,
    priority: 0,
    traceparent: null,
    ...spec,
  };
  const answer: Answer | null = stage === 0 ? null : { stage, answerStage: stage, label: 'cat', confidence, top: [] };
  return { ...newFrame(full, frameRecord(), receivedAt), stage, answer, sentStage: stage };
}
