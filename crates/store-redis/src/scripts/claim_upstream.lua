-- Gives the caller the right to ask the provider about a login, if that is due and nobody has it.
--
-- KEYS[1]  the login
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  until when the claim holds, in milliseconds
--
-- Returns 'granted', 'busy' or 'not due' and the record as it stands then; nothing if the login does not stand.
local stored = redis.call('GET', KEYS[1])
if not stored then
    return false
end
local kind, expires, version, checked, due, failing, claimed = struct.unpack('>c1I6I6I6I6I6I6', stored)
if kind ~= 'U' and kind ~= 'X' then
    return redis.error_reply('UNREADABLE kind')
end
local now = tonumber(ARGV[1])
if kind == 'X' or now >= expires then
    return false
end
if now < claimed then
    return { 'busy', stored }
end
if now < due then
    return { 'not due', stored }
end
local head = struct.pack('>I6I6I6I6I6', version + 1, checked, due, failing, tonumber(ARGV[2]))
redis.call('SETRANGE', KEYS[1], 7, head)
return { 'granted', string.sub(stored, 1, 7) .. head .. string.sub(stored, 38) }
