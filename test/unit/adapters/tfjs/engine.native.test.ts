// The engine on the native library, in this file's own process.
import { describe } from 'vitest';
import { engineSuite } from '../../../helpers/engine-suite.ts';
import { hasNative } from '../../../helpers/native.ts';

describe.skipIf(!(await hasNative()))('native', () => engineSuite('tensorflow'));
