// Record a stage of a frame before its answer is published.
import type { Script } from '../connection.ts';

export const recordStage: Script = {
  name: 'anytimeRecordStage',
  keys: 1,
  lua: `
-- Add a stage's cost, raise the recorded stage, keep the answer, mark final; who gets further has made no vain attempt.
-- KEYS[1] the frame's hash
-- ARGV    1 stage, 2 cost in passes, 3 epoch, 4 why it ends ('' = it does not), 5 has an answer ('1' or '0'), 6 answer,
--         7 time to live in ms, set when the hash is new (its own ran out meanwhile), 8 cost of all stages so far ('' = only add 2)
-- Reply: 1 when the record may be published, 0 when a higher stage or another final record (stage, exit or answer) was recorded
-- Atomic, so that of two workers with the same frame only the one that is ahead publishes. Sent twice it changes nothing:
-- a stage's cost is added once, and the same record gets the same reply.
local stage = tonumber(ARGV[1])
if ARGV[8] == '' then
  if redis.call('HSETNX', KEYS[1], 'paid:' .. ARGV[1], ARGV[2]) == 1 then
    redis.call('HINCRBYFLOAT', KEYS[1], 'spent', ARGV[2])
  end
elseif stage >= tonumber(redis.call('HGET', KEYS[1], 'whole') or '0') then
  -- What was forgotten of the stages up to this one is paid with it; a late record of one of them adds nothing any more.
  redis.call('HSET', KEYS[1], 'whole', stage)
  local short = tonumber(ARGV[8])
  for below = 0, stage do
    local field = 'paid:' .. below
    redis.call('HSETNX', KEYS[1], field, 0)
    short = short - tonumber(redis.call('HGET', KEYS[1], field))
  end
  if short > 0 then
    redis.call('HINCRBYFLOAT', KEYS[1], 'paid:' .. ARGV[1], short)
    redis.call('HINCRBYFLOAT', KEYS[1], 'spent', short)
  end
end
if redis.call('PTTL', KEYS[1]) < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[7])
end
local known = redis.call('HMGET', KEYS[1], 'stage', 'final', 'exit', 'answer')
local recorded = tonumber(known[1] or '0')
-- workers of before kept no exit
local isSameEnd = recorded == stage and (not known[3] or known[3] == ARGV[4])
local isSameFinal = ARGV[4] ~= '' and isSameEnd and (ARGV[5] == '0' or known[4] == ARGV[6])
if stage < recorded or (known[2] == '1' and not isSameFinal) then
  return 0
end
if stage > recorded or ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'attempts', 0) end
redis.call('HSET', KEYS[1], 'stage', ARGV[1], 'epoch', ARGV[3])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'final', '1', 'exit', ARGV[4]) end
if ARGV[5] == '1' then redis.call('HSET', KEYS[1], 'answer', ARGV[6]) end
return 1
`,
};
