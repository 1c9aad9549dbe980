// Since when the store has been in use.
import type { Script } from '../connection.ts';

export const rememberSince: Script = {
  name: 'anytimeRememberSince',
  keys: 1,
  lua: `
-- Tell since when the store has been in use: from now on where it does not know, because it is new or was emptied, or where that is in
-- the future (the server's clock was set back) or no number.
-- KEYS[1] a hash    ARGV[1] its time to live in ms, longer than that of any frame
-- Reply: epoch ms by the server's clock
-- Atomic, so that all workers are told the same. Sent after what asks for it, on the same connection: what was lost before that is known to be.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local since = tonumber(redis.call('HGET', KEYS[1], 'since') or '')
if not since or since > now then redis.call('HSET', KEYS[1], 'since', now) end
local ttl = tonumber(ARGV[1])
if redis.call('PTTL', KEYS[1]) < ttl / 2 then redis.call('PEXPIRE', KEYS[1], ttl) end
return redis.call('HGET', KEYS[1], 'since')
`,
};
