-- Says how things stand for a device, and hands over once what was granted.
--
-- KEYS[1]  the device
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  the device code's digest, in 32 bytes
-- ARGV[3]  by how many milliseconds the interval grows when a poll comes too early
-- ARGV[4]  the longest interval, in milliseconds
--
-- Returns a letter: p (pending), s (slow down), n (denied), e (expired), g (granted) with the record behind it, r (handed over
-- before) with the session's id behind it; nothing if there is no such device.
local stored = redis.call('GET', KEYS[1])
if not stored then
    return false
end
local kind, expires, forgotten, poll_from, interval, walk, device = struct.unpack('>c1I6I6I6I6c32c32', stored)
if kind ~= 'D' and kind ~= 'G' and kind ~= 'N' and kind ~= 'S' then
    return redis.error_reply('UNREADABLE kind')
end
local now = tonumber(ARGV[1])
if now >= forgotten or device ~= ARGV[2] then
    return false
end
local length = struct.unpack('>I2', stored, 90)
local behind = 92 + length
if kind == 'S' then
    local session = struct.unpack('B', stored, behind)
    return 'r' .. string.sub(stored, behind + 1, behind + session)
end
if now >= expires then
    return 'e'
end
if kind == 'N' then
    return 'n'
end
if kind == 'G' then
    local session = struct.unpack('B', stored, behind)
    local spent = 'S' .. string.sub(stored, 2, 89) .. struct.pack('>I2', 0) .. string.sub(stored, behind, behind + session)
    redis.call('SET', KEYS[1], spent, 'KEEPTTL')
    return 'g' .. stored
end
local said = 'p'
if now < poll_from then
    interval = math.min(interval + tonumber(ARGV[3]), tonumber(ARGV[4]))
    said = 's'
end
local paced = string.sub(stored, 1, 13) .. struct.pack('>I6I6', now + interval, interval) .. string.sub(stored, 26)
redis.call('SET', KEYS[1], paced, 'KEEPTTL')
return said
