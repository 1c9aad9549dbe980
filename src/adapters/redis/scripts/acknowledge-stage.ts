// An answer of a frame, or its end, is acknowledged.
import type { Script } from '../connection.ts';

export const acknowledgeStage: Script = {
  name: 'anytimeAcknowledgeStage',
  keys: 1,
  lua: `
-- Raise the stage of a frame that the broker has acknowledged an answer of; mark its final record as acknowledged.
-- KEYS[1] the frame's hash    ARGV[1] stage    ARGV[2] '1' for its final record, else '0'
-- Reply: 1 when it was known, 0 when nothing is recorded of the frame (its time to live is over)
-- Atomic, so that a hash that has just gone is not made anew without its time to live, and the stage never goes down.
local known = redis.call('HMGET', KEYS[1], 'stage', 'final', 'acknowledgedStage')
if not known[1] then
  return 0
end
if tonumber(ARGV[1]) > tonumber(known[3] or '0') then
  redis.call('HSET', KEYS[1], 'acknowledgedStage', ARGV[1])
end
if ARGV[2] == '1' and known[2] == '1' then redis.call('HSET', KEYS[1], 'acknowledged', '1') end
return 1
`,
};
