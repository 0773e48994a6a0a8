-- Ends a login at a provider; it stays ended until its expiry.
--
-- KEYS[1]  the login
-- ARGV[1]  now, in milliseconds
--
-- Returns the record if it stood, else nothing.
local stored = redis.call('GET', KEYS[1])
if not stored then
    return false
end
local kind, expires = struct.unpack('>c1I6', stored)
if kind ~= 'U' and kind ~= 'X' then
    return redis.error_reply('UNREADABLE kind')
end
if kind == 'X' or tonumber(ARGV[1]) >= expires then
    return false
end
local length = struct.unpack('>I2', stored, 38)
redis.call('SET', KEYS[1], 'X' .. string.sub(stored, 2, 39 + length), 'KEEPTTL')
return stored
