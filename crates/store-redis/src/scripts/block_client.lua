-- Shuts a client out, or lets it in again.
--
-- KEYS[1]  the client
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  the byte that says whether it is blocked
--
-- Returns 1 if it is there, else 0.
local stored = redis.call('GET', KEYS[1])
if not stored then
    return 0
end
local kind, expires = struct.unpack('>c1I6', stored)
if kind ~= 'C' then
    return redis.error_reply('UNREADABLE kind')
end
if tonumber(ARGV[1]) >= expires then
    return 0
end
redis.call('SETRANGE', KEYS[1], 7, ARGV[2])
return 1
