-- Remembers that a key was used; never for less time than before.
--
-- KEYS[1]  what was used
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  until when it is remembered, in milliseconds
-- ARGV[3]  when Redis may forget it, in milliseconds
--
-- Returns 1 if it was used before, else 0.
local stored = redis.call('GET', KEYS[1])
local known = stored and tonumber(stored) or 0
if known < tonumber(ARGV[2]) then
    redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
end
if tonumber(ARGV[1]) < known then
    return 1
end
return 0
