// A bundle's costs and quality tables as the scheduler and the exit policy read them.
import { StageTable } from '../core/stage-table.ts';
import type { Model } from './model.ts';

export function stageTableOf({ stages, quality }: Pick<Model, 'stages' | 'quality'>): StageTable {
  return new StageTable(
    stages.map(({ passes }) => passes),
    quality.exits,
    quality.bucketEdges,
  );
}
