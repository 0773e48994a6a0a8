-- Replaces a client's record, if it is there. Whether it is blocked stays as it was.
--
-- KEYS[1]  the client
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  when Redis may drop it, in milliseconds
-- ARGV[3]  the record
--
-- Returns 1 if it was there, else 0.
local stored = redis.call('GET', KEYS[1])
if not stored then
    return 0
end
local kind, expires, blocked = struct.unpack('>c1I6c1', stored)
if kind ~= 'C' then
    return redis.error_reply('UNREADABLE kind')
end
if tonumber(ARGV[1]) >= expires then
    return 0
end
local record = string.sub(ARGV[3], 1, 7) .. blocked .. string.sub(ARGV[3], 9)
redis.call('SET', KEYS[1], record, 'PXAT', ARGV[2])
return 1
