-- Files a device, unless another one has its user code.
--
-- KEYS[1]  the device
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  when Redis may drop it, in milliseconds
-- ARGV[3]  the record
--
-- Returns 1 if it is there, 0 if the code is taken.
local stored = redis.call('GET', KEYS[1])
if stored then
    local kind, expires, forgotten = struct.unpack('>c1I6I6', stored)
    if kind ~= 'D' and kind ~= 'G' and kind ~= 'N' and kind ~= 'S' then
        return redis.error_reply('UNREADABLE kind')
    end
    if tonumber(ARGV[1]) < forgotten then
        return 0
    end
end
redis.call('SET', KEYS[1], ARGV[3], 'PXAT', ARGV[2])
return 1
