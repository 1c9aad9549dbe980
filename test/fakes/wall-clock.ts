// For a harness whose other side is a real server: the machine's time, which no test moves.
import { systemClock } from '../../src/adapters/system/clock.ts';
import { ManualClock } from './manual-clock.ts';

export class WallClock extends ManualClock {
  override now = systemClock.now;
  override after = systemClock.after;
}
