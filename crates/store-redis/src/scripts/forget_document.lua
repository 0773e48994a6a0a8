-- Forgets a client metadata document.
--
-- KEYS[1]  the document
-- ARGV[1]  now, in milliseconds
--
-- Returns 1 if it was there, else 0.
local stored = redis.call('GET', KEYS[1])
if not stored then
    return 0
end
redis.call('DEL', KEYS[1])
local kind, expires = struct.unpack('>c1I6', stored)
if kind == 'M' and tonumber(ARGV[1]) >= expires then
    return 0
end
return 1
