-- Keeps a login at a provider until a moment, if it stands.
--
-- KEYS[1]  the login
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  until when it is kept at least, in milliseconds
-- ARGV[3]  for how long Redis keeps it after its expiry, in milliseconds
--
-- Returns 0 if it does not stand, 1 if it was kept for that long already, else the record as it was.
local stored = redis.call('GET', KEYS[1])
if not stored then
    return 0
end
local kind, expires = struct.unpack('>c1I6', stored)
if kind ~= 'U' and kind ~= 'X' then
    return redis.error_reply('UNREADABLE kind')
end
if kind == 'X' or tonumber(ARGV[1]) >= expires then
    return 0
end
local wanted = tonumber(ARGV[2])
if expires < wanted then
    redis.call('SETRANGE', KEYS[1], 1, struct.pack('>I6', wanted))
    redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', wanted + tonumber(ARGV[3])))
    return stored
end
return 1
