-- Renews a client's life; never shortens it.
--
-- KEYS[1]  the client
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  when the client expires, in milliseconds
-- ARGV[3]  when Redis may drop it, in milliseconds
--
-- Returns 1 if its life is longer than before, else 0.
local stored = redis.call('GET', KEYS[1])
if not stored then
    return 0
end
local kind, expires = struct.unpack('>c1I6', stored)
if kind ~= 'C' then
    return redis.error_reply('UNREADABLE kind')
end
if tonumber(ARGV[1]) >= expires or expires >= tonumber(ARGV[2]) then
    return 0
end
redis.call('SETRANGE', KEYS[1], 1, struct.pack('>I6', tonumber(ARGV[2])))
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
return 1
