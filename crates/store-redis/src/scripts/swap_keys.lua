-- Puts a key document in place, if the one that was expected stands.
--
-- KEYS[1]  the keys
-- ARGV[1]  the version that is expected; empty if there is to be none
-- ARGV[2]  the version of the new document
-- ARGV[3]  the new document
--
-- Returns 1 if the document is in place, 0 if another one stood there.
local stored = redis.call('HGET', KEYS[1], 'version') or ''
if stored ~= ARGV[1] then
    return 0
end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'document', ARGV[3])
return 1
