// Give a frame back unharmed.
import type { Script } from '../connection.ts';

export const giveBackFrame: Script = {
  name: 'anytimeGiveBackFrame',
  keys: 1,
  lua: `
-- Take back an attempt on a frame: its work was stopped, it did no harm.
-- KEYS[1] the frame's hash    ARGV[1] attempts that are left when it is taken back
-- Reply: attempts left
-- Atomic, so that what another worker counts meanwhile stays, and a hash that has just gone is not made anew without its time to
-- live. Sent twice it changes nothing.
local attempts = tonumber(redis.call('HGET', KEYS[1], 'attempts') or '0')
local left = tonumber(ARGV[1])
if attempts ~= left + 1 then
  return attempts
end
redis.call('HSET', KEYS[1], 'attempts', left)
return left
`,
};
