-- The history. A line is a sorted set: id of a record -> time of the record; ids of records of one time are in the order
-- of arrival. So a number of records is a difference of ranks, whatever their number. Whoever receives has in its
-- partition its records (a hash: id -> record), their line, and a line for each source; whoever sends has its own
-- records and two lines, to users and to channels, in its own partition. A record: source, destination, whether a channel
-- (1, 0), time, text.
--
-- Beside the lines each partition has, for the bound of an App (docs/decisions/018-history-queries.md):
--   hb          App ID -> bytes of its records
--   hz:<App ID> its records by their time (sorted set): id, bytes, and whose they are
-- Records of a version before these are in no index: they count for nobody, and only time drops them.

-- Expired records that leave with each new one.
local HISTORY_SWEPT = 16
-- Of so many additions to lines one looks for expired records in its line; an odd number, so that it is not always the
-- same of a text's lines.
local LINE_LOOK = 7
-- Records that a page reads at a time.
local HISTORY_READ = 20
-- Bytes of a packed record besides its texts.
local HISTORY_RECORD_BYTES = 34
-- Records that leave with one call because an App has too many bytes.
local HISTORY_EVICTED = 128
-- Parts of an index of which a node learns the beginnings: each is half of the next one.
local HISTORY_PARTS = 8

local arrivals = 0
-- The id of a record, which sorts behind the ids of earlier arrivals.
local function arrivalId(ms)
  arrivals = (arrivals + 1) % 4294967296
  return struct.pack('>I2I4I4', math.floor(ms / 4294967296), ms % 4294967296, arrivals)
end

local function indexOf(P, app)
  return tagOf(P) .. 'hz:' .. app
end

-- A record leaves its lines and the index, whether or not its keys have expired. `entry`: its member of the index.
local function dropHistory(P, app, entry)
  local size = struct.unpack('>I1', entry)
  local id, bytes = string.sub(entry, 2, 1 + size), struct.unpack('>I4', entry, 2 + size)
  local kind, owner = string.sub(entry, 6 + size, 7 + size), #app .. ':' .. app .. string.sub(entry, 8 + size)
  local name = tagOf(P) .. kind
  local record = redis.call('HGET', name .. 'r:' .. owner, id)
  if record then
    redis.call('HDEL', name .. 'r:' .. owner, id)
    redis.call('ZREM', name .. 'l:' .. owner, id)
    if string.sub(kind, 1, 1) == 'h' then
      local source = string.sub(record, 5, 4 + struct.unpack('>I4', record))
      redis.call('ZREM', name .. 's:' .. #source .. ':' .. source .. owner, id)
    end
  end
  redis.call('ZREM', indexOf(P, app), entry)
  if redis.call('HINCRBY', tagOf(P) .. 'hb', app, -bytes) <= 0 then redis.call('HDEL', tagOf(P) .. 'hb', app) end
end

-- Drops the oldest records of an App up to a time, at most so many. Returns how many.
local function dropUpTo(P, app, time, most)
  local gone = redis.call('ZRANGE', indexOf(P, app), '-inf', time, 'BYSCORE', 'LIMIT', 0, most)
  for _, entry in ipairs(gone) do dropHistory(P, app, entry) end
  return #gone
end

-- Expired is what `ms`, and the time of the new record, say both: clocks of nodes differ.
local function expiredBy(time, ms, retentionMs)
  return int(math.min(tonumber(time), ms) - tonumber(retentionMs))
end

-- Counts a record for its App. `records`: the key of the records, `{tag}` with two letters of a kind, `r:` and the owner.
local function countHistory(P, records, id, time, ms, retentionMs, record)
  local from = #tagOf(P)
  local kind, owner = string.sub(records, from + 1, from + 2), string.sub(records, from + 5)
  local app, scope = appOf(owner)
  local bytes = CLUSTER_HISTORY_ENTRY_BYTES + #record
  local entry = struct.pack('>I1', #id) .. id .. struct.pack('>I4', bytes) .. kind .. string.sub(owner, #scope + 1)
  dropUpTo(P, app, expiredBy(time, ms, retentionMs), HISTORY_SWEPT)
  redis.call('ZADD', indexOf(P, app), time, entry)
  redis.call('HINCRBY', tagOf(P) .. 'hb', app, bytes)
end

local additions = 0
-- Returns what leaves the line: records of earlier versions that have expired, which are in no index.
local function addToLine(line, id, time, ms, retentionMs)
  redis.call('ZADD', line, time, id)
  redis.call('PEXPIRE', line, retentionMs)
  additions = (additions + 1) % LINE_LOOK
  if additions ~= 0 then return {} end
  local gone = redis.call('ZRANGE', line, '-inf', expiredBy(time, ms, retentionMs), 'BYSCORE', 'LIMIT', 0, HISTORY_SWEPT)
  if #gone > 0 then redis.call('ZREM', line, unpack(gone)) end
  return gone
end

-- Keeps a text for its receiver. `history`: keys of the records, the line, and the line of the source.
local function keepHistory(P, history, ms, time, retentionMs, record)
  local records, line, sourceLine = unpack(history)
  local id = arrivalId(ms)
  countHistory(P, records, id, time, ms, retentionMs, record)
  redis.call('HSET', records, id, record)
  redis.call('PEXPIRE', records, retentionMs)
  local gone = addToLine(line, id, time, ms, retentionMs)
  if #gone > 0 then redis.call('HDEL', records, unpack(gone)) end
  addToLine(sourceLine, id, time, ms, retentionMs)
end

-- keepSent: keeps a text for its sender. KEYS: P, records, line. ARGV: id, time, record, retention ms
-- Post: it is kept. 0: this was a repeat, and changed nothing.
register('keepSent', function(keys, args)
  local P, records, line = unpack(keys)
  if redis.call('HSETNX', records, args[1], args[3]) == 0 then return 0 end
  redis.call('PEXPIRE', records, args[4])
  local ms = now()
  countHistory(P, records, args[1], args[2], ms, args[4], args[3])
  local gone = addToLine(line, args[1], args[2], ms, args[4])
  if #gone > 0 then redis.call('HDEL', records, unpack(gone)) end
  return 1
end)

-- The rank of the first record of these times, and how many there are.
local function spanOf(line, from, to)
  return redis.call('ZCOUNT', line, '-inf', '(' .. from), redis.call('ZCOUNT', line, from, to)
end

-- Ids and times by turns, of `count` records from place `place` on, in the order of reading.
local function placesOf(line, first, total, descending, place, count)
  local from = descending and first + total - place - count or first + place
  local flat = redis.call('ZRANGE', line, from, from + count - 1, 'WITHSCORES')
  if not descending then return flat end
  local turned = {}
  for i = #flat - 1, 1, -2 do
    turned[#turned + 1] = flat[i]
    turned[#turned + 1] = flat[i + 1]
  end
  return turned
end

-- history: a page of a line. KEYS: line, records.
-- ARGV: first time, last time, place of the first record, most records (0: only the total), most bytes of texts,
--       descending (1, 0)
-- Post: {total, id, time, record, id ...}; the record that passes the bytes is the last one; nothing has changed.
register('history', function(keys, args)
  local line, records = keys[1], keys[2]
  local first, total = spanOf(line, args[1], args[2])
  local place, room, descending = tonumber(args[3]), tonumber(args[5]), args[6] == '1'
  local last = math.min(total, place + tonumber(args[4]))
  local answer = {total}
  while place < last and room >= 0 do
    local count = math.min(HISTORY_READ, last - place)
    local places = placesOf(line, first, total, descending, place, count)
    local ids = {}
    for i = 1, #places, 2 do ids[#ids + 1] = places[i] end
    if #ids == 0 then break end
    for i, record in ipairs(redis.call('HMGET', records, unpack(ids))) do
      -- The destination's line drops what has expired before the line of one source does.
      if record and room >= 0 then
        answer[#answer + 1] = ids[i]
        answer[#answer + 1] = places[2 * i]
        answer[#answer + 1] = record
        room = room - #record + HISTORY_RECORD_BYTES
      end
    end
    place = place + count
  end
  return answer
end)

-- historyPlaces: KEYS[1]: a line. ARGV: first time, last time, descending (1, 0), places
-- Post: {id, time, id, time ...} of the records at these places; '' for both where there is none; nothing has changed.
register('historyPlaces', function(keys, args)
  local first, total = spanOf(keys[1], args[1], args[2])
  local answer = {}
  for i = 4, #args do
    local place = tonumber(args[i])
    local found = place < total and placesOf(keys[1], first, total, args[3] == '1', place, 1) or {}
    answer[#answer + 1] = found[1] or ''
    answer[#answer + 1] = found[2] or ''
  end
  return answer
end)

-- historyAges: ARGV: App ID
-- Post: {bytes, records, rank, time, rank, time ...} of the App here: where the parts of its records begin, from the oldest
-- on; nothing has changed.
register('historyAges', function(keys, args)
  local P, app = keys[1], args[1]
  local count = redis.call('ZCARD', indexOf(P, app))
  local answer = {count > 0 and redis.call('HGET', tagOf(P) .. 'hb', app) or '0', count}
  local rank = -1
  for part = HISTORY_PARTS, 1, -1 do
    local begins = part == HISTORY_PARTS and 0 or math.floor(count / 2 ^ part)
    if begins > rank and begins < count then
      rank = begins
      answer[#answer + 1] = rank
      answer[#answer + 1] = redis.call('ZRANGE', indexOf(P, app), rank, rank, 'WITHSCORES')[2]
    end
  end
  return answer
end)

-- evictHistory: ARGV: App ID, time
-- Post: the oldest records of the App before that time are gone, as many as one call drops; {bytes that are left, 1: there
-- may be more}.
register('evictHistory', function(keys, args)
  local P, app = keys[1], args[1]
  local gone = dropUpTo(P, app, '(' .. args[2], HISTORY_EVICTED)
  return {redis.call('HGET', tagOf(P) .. 'hb', app) or '0', gone == HISTORY_EVICTED and 1 or 0}
end)

-- Drops what has expired here, and puts off that all of it expires. Returns the App IDs and their bytes, by turns.
local function historyUsage(P, retentionMs)
  local counts = tagOf(P) .. 'hb'
  local oldest = int(now() - tonumber(retentionMs))
  for _, app in ipairs(redis.call('HKEYS', counts)) do
    dropUpTo(P, app, oldest, HISTORY_EVICTED)
    -- The index goes first, so what it does not have is not counted.
    if redis.call('PEXPIRE', indexOf(P, app), retentionMs) == 0 then redis.call('HDEL', counts, app) end
  end
  redis.call('PEXPIRE', counts, 2 * retentionMs)
  return redis.call('HGETALL', counts)
end
