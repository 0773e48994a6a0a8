-- Binds a device about which nobody has decided to a walk.
--
-- KEYS[1]  the device
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  the walk, in 32 bytes
--
-- Returns the record; nothing if no such device waits.
local stored = redis.call('GET', KEYS[1])
if not stored then
    return false
end
local kind, expires = struct.unpack('>c1I6', stored)
if kind ~= 'D' and kind ~= 'G' and kind ~= 'N' and kind ~= 'S' then
    return redis.error_reply('UNREADABLE kind')
end
if kind ~= 'D' or tonumber(ARGV[1]) >= expires then
    return false
end
local bound = string.sub(stored, 1, 25) .. ARGV[2] .. string.sub(stored, 58)
redis.call('SET', KEYS[1], bound, 'KEEPTTL')
return bound
