-- Sets the operator's word on a client metadata document, whether it was read or not.
--
-- KEYS[1]  the document
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  until when the word has to be kept, in milliseconds
-- ARGV[3]  how much longer Redis keeps it, in milliseconds
-- ARGV[4]  the record, if nothing is known yet
--
-- Returns nothing.
local record = ARGV[4]
local until_ = tonumber(ARGV[2])
local stored = redis.call('GET', KEYS[1])
if stored then
    local kind, expires = struct.unpack('>c1I6', stored)
    if kind ~= 'M' then
        return redis.error_reply('UNREADABLE kind')
    end
    if tonumber(ARGV[1]) < expires then
        until_ = math.max(until_, expires)
        record = struct.pack('>c1I6c1', 'M', until_, string.sub(record, 8, 8)) .. string.sub(stored, 9)
    end
end
redis.call('SET', KEYS[1], record, 'PXAT', string.format('%.0f', until_ + tonumber(ARGV[3])))
return false
