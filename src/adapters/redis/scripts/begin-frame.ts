// Begin work on a frame.
import type { Script } from '../connection.ts';

export const beginFrame: Script = {
  name: 'anytimeBeginFrame',
  keys: 1,
  lua: `
-- Count an attempt on a frame, up to a bound, and tell what is known of it.
-- KEYS[1] the frame's hash    ARGV[1] time to live in ms, set when the hash is new    ARGV[2] attempts that are counted at most
-- Reply: { spent, attempts with this one, counted or not, stage, answer, final, acknowledged stage, acknowledged },
--        each a string or nil
-- Atomic, so that a hash is never left without its time to live, and two workers never count the same attempt.
local attempts = tonumber(redis.call('HGET', KEYS[1], 'attempts') or '0') + 1
if attempts <= tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], 'attempts', attempts)
end
if redis.call('PTTL', KEYS[1]) < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
local known = redis.call('HMGET', KEYS[1], 'spent', 'stage', 'answer', 'final', 'acknowledgedStage', 'acknowledged')
return { known[1], tostring(attempts), known[2], known[3], known[4], known[5], known[6] }
`,
};
