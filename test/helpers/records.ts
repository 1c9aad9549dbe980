// Frame and result records for tests: what a test does not name has a plain value.
import type { FrameRecord } from '../../src/core/frame-record.ts';
import type { ResultRecord, ResultValue } from '../../src/core/result.ts';

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export function frameRecord(parts: Partial<FrameRecord> = {}): FrameRecord {
  return {
    topic: 'frames',
    partition: 0,
    offset: 0n,
    epoch: 1,
    key: null,
    value: utf8('frame'),
    headers: {},
    timestamp: 1_700_000_000_000,
    ...parts,
  };
}

export function resultRecord(
  value: Partial<ResultValue> = {},
  parts: Partial<Omit<ResultRecord, 'value'>> = {},
): ResultRecord {
  const full: ResultValue = {
    id: 'frame-1',
    source: 'test',
    stage: 1,
    stages: 5,
    label: 'cat',
    confidence: 0.75,
    top: [{ label: 'cat', confidence: 0.75 }],
    final: false,
    exit: null,
    spent: 0.125,
    budget: 1,
    deadline: null,
    receivedAt: 1_700_000_000_000,
    publishedAt: 1_700_000_000_050,
    model: 'tiny@1',
    epoch: 1,
    degraded: [],
    ...value,
  };
  return { value: full, isFirst: full.stage === 1, key: utf8(full.id), traceparent: null, ...parts };
}
