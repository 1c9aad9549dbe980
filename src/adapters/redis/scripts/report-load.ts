// A worker reports its load.
import type { Script } from '../connection.ts';

export const reportLoad: Script = {
  name: 'anytimeReportLoad',
  keys: 2,
  lua: `
-- Keep a worker's sample until its time to live is over.
-- KEYS[1] sorted set: worker id → ms at which its sample ends    KEYS[2] hash: worker id → sample
-- ARGV    1 worker id, 2 sample (JSON), 3 time to live in ms
-- Reply: 1
-- Atomic, so that set and hash always name the same workers. Time is the server's: workers' clocks may differ.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
for _, key in ipairs(KEYS) do
  if redis.call('PTTL', key) < tonumber(ARGV[3]) then redis.call('PEXPIRE', key, ARGV[3]) end
end
return 1
`,
};
