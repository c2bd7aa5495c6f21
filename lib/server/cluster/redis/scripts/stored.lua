-- Stored messages: those that wait for the next login of their receiver, in its stream O, and who pays when there is no
-- room (docs/decisions/017-memory.md). Keys beside the streams, one set in each partition, by the receiver's partition:
--   q:<id of the receiver>   number in O -> bytes and sender
--   sb                       App ID -> bytes of its stored messages
--   sz:<App ID>              senders by their bytes (sorted set)
--   sm:<id of the sender>    its messages by their time (sorted set): number in O, id of the receiver
--   se                       the same of all senders
-- Messages of format 1 are in no index and count for nobody.

-- Messages that have expired, and leave with one audit.
local STORED_SWEPT = 64
-- Largest senders of each App that an audit names.
local SENDERS_LISTED = 8

-- The id in a key of a user with a letter of one byte.
local function idOf(P, key)
  return string.sub(key, #tagOf(P) + 3)
end

local function noteStored(P, id, storeId, sender, bytes)
  local tag, app, scope = tagOf(P), appOf(id)
  local message, ms = storeId .. ' ' .. id, string.match(storeId, '^%d+')
  redis.call('HSET', tag .. 'q:' .. id, storeId, int(bytes) .. ' ' .. sender)
  redis.call('HINCRBY', tag .. 'sb', app, int(bytes))
  redis.call('ZINCRBY', tag .. 'sz:' .. app, int(bytes), sender)
  redis.call('ZADD', tag .. 'sm:' .. scope .. sender, ms, message)
  redis.call('ZADD', tag .. 'se', ms, message)
end

-- A message leaves. Returns its bytes.
local function removeStored(P, O, storeId)
  redis.call('XDEL', O, storeId)
  local tag, id = tagOf(P), idOf(P, O)
  local known = redis.call('HGET', tag .. 'q:' .. id, storeId)
  if not known then return 0 end
  local bytes, sender = string.match(known, '^(%d+) (.*)$')
  local app, scope = appOf(id)
  local message = storeId .. ' ' .. id
  redis.call('HDEL', tag .. 'q:' .. id, storeId)
  if redis.call('HINCRBY', tag .. 'sb', app, -bytes) <= 0 then redis.call('HDEL', tag .. 'sb', app) end
  if tonumber(redis.call('ZINCRBY', tag .. 'sz:' .. app, -bytes, sender)) <= 0 then
    redis.call('ZREM', tag .. 'sz:' .. app, sender)
  end
  redis.call('ZREM', tag .. 'sm:' .. scope .. sender, message)
  redis.call('ZREM', tag .. 'se', message)
  return tonumber(bytes)
end

-- Of a full queue the message that makes way if one of `sender` comes: the oldest of whoever then has most in it.
-- Returns its number, bytes and sender; nothing if the queue is not full.
local function payerIn(P, O, sender)
  local queue = tagOf(P) .. 'q:' .. idOf(P, O)
  if redis.call('HLEN', queue) < STORED_MESSAGES then return nil end
  local flat, counts, most = redis.call('HGETALL', queue), {[sender] = 1}, 1
  local entries = {}
  for i = 1, #flat, 2 do
    local bytes, owner = string.match(flat[i + 1], '^(%d+) (.*)$')
    local ms, seq = string.match(flat[i], '^(%d+)-(%d+)$')
    counts[owner] = (counts[owner] or 0) + 1
    most = math.max(most, counts[owner])
    entries[#entries + 1] = {id = flat[i], ms = tonumber(ms), seq = tonumber(seq), bytes = tonumber(bytes), owner = owner}
  end
  local payer
  for _, entry in ipairs(entries) do
    local before = not payer or entry.ms < payer.ms or (entry.ms == payer.ms and entry.seq < payer.seq)
    if counts[entry.owner] == most and before then payer = entry end
  end
  return payer.id, payer.bytes, payer.owner
end

-- Puts a message at the end of a queue. `expiry`: by the clock of this Redis; '': never. `room`: bytes that its App may still take; `left`: bytes that its sender may
-- take at the cost of others if there is no room. Without both the message is kept in any case.
-- Returns its bytes, and 1 if others have to make room for it; nothing if the store has no room for this sender.
local function appendStored(P, O, retentionMs, sender, time, capabilities, content, expiry, room, left)
  local bytes = STORED_ENTRY_BYTES + #sender + #content
  local payer, freed, owner = payerIn(P, O, sender)
  local lacking = bytes - (freed or 0) - (room or bytes)
  if lacking > 0 and bytes - (owner == sender and freed or 0) > left then return nil end
  if payer then removeStored(P, O, payer) end
  local packed = pack(sender, time, capabilities, content, expiry)
  local storeId = redis.call('XADD', O, 'MAXLEN', STORED_MESSAGES, '*', 'm', packed)
  redis.call('PEXPIRE', O, retentionMs)
  noteStored(P, idOf(P, O), storeId, sender, bytes)
  return bytes, lacking > 0 and 1 or 0
end

-- evictStored: ARGV: id of a sender, bytes
-- Post: its oldest messages in this partition are gone until it has at most that many bytes here; what it has.
register('evictStored', function(keys, args)
  local P, sender, most = keys[1], args[1], tonumber(args[2])
  local app, scope = appOf(sender)
  local name = string.sub(sender, #scope + 1)
  local function has() return tonumber(redis.call('ZSCORE', tagOf(P) .. 'sz:' .. app, name) or 0) end
  while has() > most do
    local message = redis.call('ZRANGE', tagOf(P) .. 'sm:' .. sender, 0, 0)[1]
    if not message then break end
    local storeId, id = string.match(message, '^(%S+) (.*)$')
    removeStored(P, tagOf(P) .. 'o:' .. id, storeId)
  end
  return int(has())
end)

-- Removes what has expired, also of streams that have expired as a whole.
local function sweepStored(P, retentionMs)
  local oldest = int(now() - tonumber(retentionMs))
  local gone = redis.call('ZRANGE', tagOf(P) .. 'se', '-inf', oldest, 'BYSCORE', 'LIMIT', 0, STORED_SWEPT)
  for _, message in ipairs(gone) do
    local storeId, id = string.match(message, '^(%S+) (.*)$')
    removeStored(P, tagOf(P) .. 'o:' .. id, storeId)
  end
end

-- For each App its ID, bytes, number of senders, and the largest senders with their bytes, by turns.
local function storedUsage(P)
  local usage, flat = {}, redis.call('HGETALL', tagOf(P) .. 'sb')
  for i = 1, #flat, 2 do
    local senders = tagOf(P) .. 'sz:' .. flat[i]
    local largest = redis.call('ZRANGE', senders, 0, SENDERS_LISTED - 1, 'REV', 'WITHSCORES')
    usage[#usage + 1] = {flat[i], flat[i + 1], redis.call('ZCARD', senders), largest}
  end
  return usage
end
