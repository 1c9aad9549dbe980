// The stage runner's suite on the native library: in this file's process only its stage threads load it, one after another.
import { describe } from 'vitest';
import { realStageRunner } from '../helpers/bundle-runner.ts';
import { hasNativeInThread } from '../helpers/native.ts';
import { stageRunnerContract } from './stage-runner.ts';

describe.skipIf(!(await hasNativeInThread()))('native', () =>
  stageRunnerContract('tfjs, tensorflow', () => realStageRunner('tensorflow')),
);
