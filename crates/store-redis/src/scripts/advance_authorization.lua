-- Replaces an authorization that stands at the step before.
--
-- KEYS[1]  the authorization
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  the step that it moves to
-- ARGV[3]  when Redis may drop it, in milliseconds
-- ARGV[4]  the record
--
-- Returns 1 if it has moved, 0 if it stood elsewhere; nothing if it is not there.
local stored = redis.call('GET', KEYS[1])
if not stored then
    return false
end
local kind, expires, step = struct.unpack('>c1I6I6', stored)
if kind ~= 'A' then
    return redis.error_reply('UNREADABLE kind')
end
if tonumber(ARGV[1]) >= expires then
    return false
end
if step + 1 ~= tonumber(ARGV[2]) then
    return 0
end
redis.call('SET', KEYS[1], ARGV[4], 'PXAT', ARGV[3])
return 1
