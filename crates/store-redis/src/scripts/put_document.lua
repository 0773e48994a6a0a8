-- Files a client metadata document. The operator's word on it stays as it was, and a life is never shortened.
--
-- KEYS[1]  the document
-- ARGV[1]  now, in milliseconds
-- ARGV[2]  when it expires, in milliseconds
-- ARGV[3]  how much longer Redis keeps it, in milliseconds
-- ARGV[4]  the record
--
-- Returns the record as it is then.
local record = ARGV[4]
local until_ = tonumber(ARGV[2])
local stored = redis.call('GET', KEYS[1])
if stored then
    local kind, expires, standing = struct.unpack('>c1I6c1', stored)
    if kind ~= 'M' then
        return redis.error_reply('UNREADABLE kind')
    end
    if tonumber(ARGV[1]) < expires then
        until_ = math.max(until_, expires)
        record = struct.pack('>c1I6c1', 'M', until_, standing) .. string.sub(record, 9)
    end
end
redis.call('SET', KEYS[1], record, 'PXAT', string.format('%.0f', until_ + tonumber(ARGV[3])))
return record
