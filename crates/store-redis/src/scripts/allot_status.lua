-- Allots bits of the current status list, or of a new one if that is full.
--
-- A server that has restarted or taken over may have lost the last allotments, so that it begins a new list:
-- what was lost cannot be allotted again. A list that was begun last may be lost as well: its number is passed over.
--
-- KEYS[1]  the lists: which one is current, how many bits it has left, until when each list is needed
-- KEYS[2]  the bits of the current list that are allotted
-- ARGV[1]  the bytes at which the search for each free bit begins, two bytes for each
-- ARGV[2]  until when the list is needed at least, in milliseconds
-- ARGV[3]  how many bits a list has
-- ARGV[4]  for how long Redis keeps a list after that, in milliseconds
--
-- Returns the list and its bits: fewer than were asked for, and one at least, if the list is full then.
local run = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
local found = redis.call('HMGET', KEYS[1], 'list', 'left', 'run')
local list, left = tonumber(found[1]), tonumber(found[2])
local size = tonumber(ARGV[3])
if not list or left == 0 or found[3] ~= run then
    local time = tonumber(redis.call('TIME')[1]) * 1000 - tonumber(ARGV[4])
    local fields = redis.call('HGETALL', KEYS[1])
    for place = 1, #fields, 2 do
        local old = string.match(fields[place], '^until:(%d+)$')
        if old and tonumber(fields[place + 1]) < time then
            redis.call('HDEL', KEYS[1], fields[place], 'version:' .. old)
        end
    end
    if not list then
        list = 0
    elseif found[3] == run then
        list = list + 1
    else
        list = list + 2
    end
    left = size
    redis.call('DEL', KEYS[2])
    redis.call('SETRANGE', KEYS[2], size / 8 - 1, '\0')
    redis.call('HSET', KEYS[1], 'list', list, 'run', run)
end
local bits = {}
for place = 1, math.min(#ARGV[1] / 2, left) do
    local start = struct.unpack('>I2', ARGV[1], 2 * place - 1)
    local bit = redis.call('BITPOS', KEYS[2], 0, start, -1)
    if bit < 0 then
        bit = redis.call('BITPOS', KEYS[2], 0, 0, -1)
    end
    redis.call('SETBIT', KEYS[2], bit, 1)
    bits[place] = bit
end
local needed = tonumber(redis.call('HGET', KEYS[1], 'until:' .. list) or '0')
if needed < tonumber(ARGV[2]) then
    redis.call('HSET', KEYS[1], 'left', left - #bits, 'until:' .. list, ARGV[2])
else
    redis.call('HSET', KEYS[1], 'left', left - #bits)
end
return { list, bits }
