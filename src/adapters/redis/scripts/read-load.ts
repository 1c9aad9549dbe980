// Read the load of all living workers.
import type { Script } from '../connection.ts';

export const readLoad: Script = {
  name: 'anytimeReadLoad',
  keys: 2,
  lua: `
-- Forget the samples whose time to live is over and give the others.
-- KEYS[1] sorted set: worker id → ms at which its sample ends    KEYS[2] hash: worker id → sample
-- Reply: the samples (JSON each), in no order
-- Atomic, so that a sample that comes meanwhile is not forgotten with the old one.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, worker in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], worker)
  redis.call('HDEL', KEYS[2], worker)
end
return redis.call('HVALS', KEYS[2])
`,
};
