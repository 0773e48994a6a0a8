-- Files a client, or renews the life of the one that is there.
--
-- KEYS[1]  the client
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  when the client expires, in milliseconds
-- ARGV[3]  when Redis may drop it, in milliseconds
-- ARGV[4]  the record
--
-- Returns the record that was there and is renewed; nothing if the client is new.
local stored = redis.call('GET', KEYS[1])
if stored then
    local kind, expires = struct.unpack('>c1I6', stored)
    if kind ~= 'C' then
        return redis.error_reply('UNREADABLE kind')
    end
    if tonumber(ARGV[1]) < expires then
        if expires < tonumber(ARGV[2]) then
            redis.call('SETRANGE', KEYS[1], 1, struct.pack('>I6', tonumber(ARGV[2])))
            redis.call('PEXPIREAT', KEYS[1], ARGV[3])
            return redis.call('GET', KEYS[1])
        end
        return stored
    end
end
redis.call('SET', KEYS[1], ARGV[4], 'PXAT', ARGV[3])
return false
