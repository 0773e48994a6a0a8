-- Ends a session, and keeps its id shut.
--
-- KEYS[1]  the session
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  until when the id stays shut at least, in milliseconds
-- ARGV[3]  for how long Redis keeps that after its expiry, in milliseconds
--
-- Returns the record if the session lived, else nothing.
local stored = redis.call('GET', KEYS[1])
local now, remember, lived = tonumber(ARGV[1]), tonumber(ARGV[2]), false
if stored then
    local kind = string.sub(stored, 1, 1)
    if kind == 'E' then
        remember = math.max(remember, (struct.unpack('>I6', stored, 2)))
    elseif kind == 'S' or kind == 'B' then
        local idle, dies = struct.unpack('>I6I6', stored, 2)
        lived = now < idle and now < dies
    else
        return redis.error_reply('UNREADABLE kind')
    end
end
local until_then = string.format('%.0f', remember + tonumber(ARGV[3]))
redis.call('SET', KEYS[1], struct.pack('>c1I6', 'E', remember), 'PXAT', until_then)
return lived and stored
