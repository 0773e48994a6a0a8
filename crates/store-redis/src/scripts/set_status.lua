-- Sets a bit of a status list, if there is such a list.
--
-- Whoever owns a bit was allotted it before, so that the list is known to be needed for as long as the bit is.
--
-- KEYS[1]  the lists
-- KEYS[2]  the bits of the list that are set
-- ARGV[1]  the list
-- ARGV[2]  the bit
-- ARGV[3]  the list's new version, if the bit was not set
-- ARGV[4]  for how long Redis keeps the list after it is needed, in milliseconds
--
-- Returns 1 if the list is there, else 0.
local needed = redis.call('HGET', KEYS[1], 'until:' .. ARGV[1])
if not needed then
    return 0
end
if redis.call('SETBIT', KEYS[2], ARGV[2], 1) == 0 then
    redis.call('HSET', KEYS[1], 'version:' .. ARGV[1], ARGV[3])
end
redis.call('PEXPIREAT', KEYS[2], string.format('%.0f', tonumber(needed) + tonumber(ARGV[4])))
return 1
