-- Puts a tombstone in the place of a code.
--
-- KEYS[1]  the code
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  until when the tombstone is remembered, in milliseconds
-- ARGV[3]  when Redis may drop it, in milliseconds
--
-- Returns what was there, the code or its tombstone; nothing if neither is.
local stored = redis.call('GET', KEYS[1])
if not stored then
    return false
end
local kind, expires, length = struct.unpack('>c1I6B', stored)
if kind ~= 'I' and kind ~= 'R' then
    return redis.error_reply('UNREADABLE kind')
end
if tonumber(ARGV[1]) >= expires then
    return false
end
if kind == 'I' then
    local session = string.sub(stored, 8, 8 + length)
    local tombstone = struct.pack('>c1I6', 'R', tonumber(ARGV[2])) .. session
    redis.call('SET', KEYS[1], tombstone, 'PXAT', ARGV[3])
end
return stored
