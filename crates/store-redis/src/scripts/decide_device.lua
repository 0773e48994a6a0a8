-- Takes the decision of the walk that a device is bound to.
--
-- KEYS[1]  the device
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  the walk, in 32 bytes
-- ARGV[3]  G for granted, N for denied
-- ARGV[4]  what is granted
--
-- Returns 1 if the decision stands, 0 if another walk decides or has decided; nothing if there is no such device.
local stored = redis.call('GET', KEYS[1])
if not stored then
    return false
end
local kind, expires = struct.unpack('>c1I6', stored)
if kind ~= 'D' and kind ~= 'G' and kind ~= 'N' and kind ~= 'S' then
    return redis.error_reply('UNREADABLE kind')
end
if tonumber(ARGV[1]) >= expires then
    return false
end
if kind ~= 'D' or string.sub(stored, 26, 57) ~= ARGV[2] then
    return 0
end
redis.call('SET', KEYS[1], ARGV[3] .. string.sub(stored, 2) .. ARGV[4], 'KEEPTTL')
return 1
