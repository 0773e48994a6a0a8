-- Files a session, unless it was ended before.
--
-- KEYS[1]  the session
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  when Redis may drop it, in milliseconds
-- ARGV[3]  the record
--
-- Returns 1 if the session is open, 0 if it was ended before.
local stored = redis.call('GET', KEYS[1])
if stored then
    local kind, remembered = struct.unpack('>c1I6', stored)
    if kind ~= 'S' and kind ~= 'B' and kind ~= 'E' then
        return redis.error_reply('UNREADABLE kind')
    end
    if kind == 'E' and tonumber(ARGV[1]) < remembered then
        return 0
    end
end
redis.call('SET', KEYS[1], ARGV[3], 'PXAT', ARGV[2])
return 1
