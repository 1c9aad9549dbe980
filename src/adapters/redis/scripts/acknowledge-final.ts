// The final record of a frame is acknowledged.
import type { Script } from '../connection.ts';

export const acknowledgeFinal: Script = {
  name: 'anytimeAcknowledgeFinal',
  keys: 1,
  lua: `
-- Mark a frame's final record as acknowledged by the broker.
-- KEYS[1] the frame's hash
-- Reply: 1 when it was marked, 0 when no final record is known (its time to live is over)
-- Atomic, so that a hash that has just gone is not made anew without its time to live.
if redis.call('HGET', KEYS[1], 'final') ~= '1' then
  return 0
end
redis.call('HSET', KEYS[1], 'acknowledged', '1')
return 1
`,
};
