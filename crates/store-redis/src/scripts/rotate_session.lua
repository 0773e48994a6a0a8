-- Moves a session to its next generation, if the one that is presented stands.
--
-- KEYS[1]  the session
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  the generation that is presented
-- ARGV[3]  for how long after a rotation the generation before is a repetition, in milliseconds
-- ARGV[4]  until when the session lives if it is not used again, in milliseconds
-- ARGV[5]  when to look at the login again, in milliseconds; empty if that stays as it is
-- ARGV[6]  for how long Redis keeps the record after its expiry, in milliseconds
-- ARGV[7]  the key to which the session is bound from now on if it is bound to none; empty if it stays as it is
-- ARGV[8]  the key that was proved; empty if none was
-- ARGV[9]  the session's salt, as it stands in its fields
--
-- Returns 'rotated', 'repeated' or 'reused' and the part of the record that rotations change, as it stands then, with the key if it
-- is bound to one; 'bound' and the key, if it is bound to another than the one that was proved; nothing if there is no such session
-- or generation.
local stored = redis.call('GET', KEYS[1])
if not stored then
    return false
end
local kind, idle, dies, rotated, recheck, generation
kind = string.sub(stored, 1, 1)
if kind == 'E' then
    return false
end
if kind ~= 'S' and kind ~= 'B' then
    return redis.error_reply('UNREADABLE kind')
end
idle, dies, rotated, recheck, generation = struct.unpack('>I6I6I6I6I6', stored, 2)
local now, presented = tonumber(ARGV[1]), tonumber(ARGV[2])
if now >= idle or now >= dies or presented > generation then
    return false
end
-- A key, where there is one, stands behind the generation.
local last = kind == 'B' and 63 or 31
if not string.find(stored, ARGV[9], last + 1, true) then
    return false
end
if kind == 'B' and string.sub(stored, 32, last) ~= ARGV[8] then
    return { 'bound', string.sub(stored, 32, last) }
end
if presented < generation then
    if generation - presented == 1 and now < rotated + tonumber(ARGV[3]) then
        return { 'repeated', string.sub(stored, 2, last) }
    end
    return { 'reused', '' }
end
idle = tonumber(ARGV[4])
if ARGV[5] ~= '' then
    recheck = tonumber(ARGV[5])
end
local head = struct.pack('>I6I6I6I6I6', idle, dies, now, recheck, generation + 1)
local drop = string.format('%.0f', math.min(idle, dies) + tonumber(ARGV[6]))
if kind == 'S' and ARGV[7] ~= '' then
    head = head .. ARGV[7]
    redis.call('SET', KEYS[1], 'B' .. head .. string.sub(stored, 32), 'PXAT', drop)
    return { 'rotated', head }
end
redis.call('SETRANGE', KEYS[1], 1, head)
redis.call('PEXPIREAT', KEYS[1], drop)
return { 'rotated', head .. string.sub(stored, 32, last) }
