// The engine on the backends that are there everywhere.
import { engineSuite } from '../../../helpers/engine-suite.ts';

engineSuite('cpu');
engineSuite('wasm');
