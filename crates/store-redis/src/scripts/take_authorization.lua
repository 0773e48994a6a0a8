-- Removes an authorization that stands at a step.
--
-- KEYS[1]  the authorization
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  the step
--
-- Returns the record, or an empty text if it stands elsewhere; nothing if it is not there.
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
if step ~= tonumber(ARGV[2]) then
    return ''
end
redis.call('DEL', KEYS[1])
return stored
