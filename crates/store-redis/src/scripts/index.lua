-- Notes that somebody has something.
--
-- Many owners share one small hash, in which each entry is the owner's digest and what they have: Redis keeps such a hash as a
-- flat list, a third of what a key for each owner would take. An owner who has much gets a hash of their own.
--
-- KEYS[1]  the shared hash
-- KEYS[2]  the owner's own hash
-- ARGV[1]  a part of the owner's digest
-- ARGV[2]  what they have
-- ARGV[3]  the day on which that expires, counted from the epoch
-- ARGV[4]  when Redis may drop the hash, in seconds
-- ARGV[5]  how many entries the shared hash takes
--
-- Returns nothing.
local owner, key, field = ARGV[1], KEYS[1], ARGV[1] .. ARGV[2]
local entries = redis.call('HLEN', KEYS[1])
local own = redis.call('HLEN', KEYS[2])
if own > 0 then
    key, field, entries = KEYS[2], ARGV[2], own
elseif entries >= tonumber(ARGV[5]) and redis.call('HEXISTS', KEYS[1], field) == 0 then
    local theirs = 0
    for _, entry in ipairs(redis.call('HKEYS', KEYS[1])) do
        if string.sub(entry, 1, #owner) == owner then
            theirs = theirs + 1
        end
    end
    if theirs >= 16 then
        key, field, entries = KEYS[2], ARGV[2], 0
    end
end
redis.call('HSET', key, field, ARGV[3])
if entries == 0 then
    redis.call('EXPIREAT', key, ARGV[4])
else
    redis.call('EXPIREAT', key, ARGV[4], 'GT')
end
-- One entry in eight that come looks at some others, so that what has expired stays a small part: members are random in their last
-- byte. A day more than it takes to be over, for clocks that differ.
if string.byte(ARGV[2], -1) % 8 > 0 then
    return false
end
local over = tonumber(redis.call('TIME')[1]) / 86400 - 2
local some = redis.call('HRANDFIELD', key, 32, 'WITHVALUES')
for place = 1, #some, 2 do
    if tonumber(some[place + 1]) < over then
        redis.call('HDEL', key, some[place])
    end
end
return false
