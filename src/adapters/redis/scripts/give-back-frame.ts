// Give a frame back unharmed.
import type { Script } from '../connection.ts';

export const giveBackFrame: Script = {
  name: 'anytimeGiveBackFrame',
  keys: 1,
  lua: `
-- Take back an attempt on a frame: its work was stopped, it did no harm.
-- KEYS[1] the frame's hash
-- Reply: attempts left
-- Atomic, so that the count never goes below none, and a hash that has just gone is not made anew without its time to live.
local attempts = tonumber(redis.call('HGET', KEYS[1], 'attempts') or '0')
if attempts > 0 then
  attempts = redis.call('HINCRBY', KEYS[1], 'attempts', -1)
end
return attempts
`,
};
