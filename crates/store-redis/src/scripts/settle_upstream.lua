-- Writes down what came of asking the provider about a login.
--
-- KEYS[1]  the login
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  the version of the claim
-- ARGV[3]  'standing' or 'failing'
-- ARGV[4]  when it is asked again, in milliseconds
-- ARGV[5]  what is kept from now on; empty if that stays as it is
--
-- Returns 1 if the claim still held, else 0.
local stored = redis.call('GET', KEYS[1])
if not stored then
    return 0
end
local kind, expires, version, checked, _, failing, _, length = struct.unpack('>c1I6I6I6I6I6I6I2', stored)
if kind ~= 'U' and kind ~= 'X' then
    return redis.error_reply('UNREADABLE kind')
end
local now = tonumber(ARGV[1])
if kind == 'X' or now >= expires or version ~= tonumber(ARGV[2]) then
    return 0
end
if ARGV[3] == 'standing' then
    checked, failing = now, 0
elseif failing == 0 then
    failing = now
end
-- The claim is spent with the settlement.
local head = struct.pack('>I6I6I6I6I6', version + 1, checked, tonumber(ARGV[4]), failing, 0)
if ARGV[5] == '' then
    redis.call('SETRANGE', KEYS[1], 7, head)
else
    local record = string.sub(stored, 1, 7) .. head .. string.sub(stored, 38, 39 + length) .. ARGV[5]
    redis.call('SET', KEYS[1], record, 'KEEPTTL')
end
return 1
