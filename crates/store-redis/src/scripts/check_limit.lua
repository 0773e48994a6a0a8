-- Counts one event against a cell, unless it is full: the generic cell rate algorithm.
--
-- KEYS[1]  the cell: when it has drained, in microseconds
-- ARGV[1]  now, in microseconds
-- ARGV[2]  what one event fills, in microseconds
-- ARGV[3]  what the cell holds, in microseconds
--
-- Returns how long to wait, in microseconds; nothing if the event goes.
local now, per = tonumber(ARGV[1]), tonumber(ARGV[2])
local drained = tonumber(redis.call('GET', KEYS[1]) or '0')
local level = math.max(drained - now, 0) + per
local over = level - tonumber(ARGV[3])
if over > 0 then
    return string.format('%.0f', over)
end
-- A minute more than it takes to drain, for clocks that differ.
local keep = string.format('%.0f', math.ceil(level / 1000) + 60000)
redis.call('SET', KEYS[1], string.format('%.0f', now + level), 'PX', keep)
return false
