// Since when the store has forgotten nothing.
import type { Script } from '../connection.ts';

export const rememberSince: Script = {
  name: 'anytimeRememberSince',
  keys: 1,
  lua: `
-- Tell since when the store remembers; from now on where it does not know, because it is new or was emptied.
-- KEYS[1] a hash    ARGV[1] its time to live in ms, longer than that of any frame
-- Reply: epoch ms by the server's clock
-- Atomic, so that all workers are told the same. Sent after what asks for it, on the same connection: what was forgotten before that
-- is known to be forgotten.
local time = redis.call('TIME')
redis.call('HSETNX', KEYS[1], 'since', time[1] * 1000 + math.floor(time[2] / 1000))
local ttl = tonumber(ARGV[1])
if redis.call('PTTL', KEYS[1]) < ttl / 2 then redis.call('PEXPIRE', KEYS[1], ttl) end
return redis.call('HGET', KEYS[1], 'since')
`,
};
