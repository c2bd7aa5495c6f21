-- The history. A line is a sorted set: id of a record -> time of the record; ids of records of one time are in the order
-- of arrival. So a number of records is a difference of ranks, whatever their number. Whoever receives has in its
-- partition its records (a hash: id -> record), their line, and a line for each source; whoever sends has its own
-- records and two lines, to users and to channels, in its own partition. A record: source, destination, whether a channel
-- (1, 0), time, text.

-- Expired records that leave a line with each new one.
local HISTORY_SWEPT = 16
-- Records that a page reads at a time.
local HISTORY_READ = 20
-- Bytes of a packed record besides its texts.
local HISTORY_RECORD_BYTES = 34

local arrivals = 0
-- The id of a record, which sorts behind the ids of earlier arrivals.
local function arrivalId(ms)
  arrivals = (arrivals + 1) % 4294967296
  return struct.pack('>I2I4I4', math.floor(ms / 4294967296), ms % 4294967296, arrivals)
end

-- Expired is what `ms`, and the time of the new record, say both: clocks of nodes differ.
local function addToLine(line, id, time, ms, retentionMs)
  redis.call('ZADD', line, time, id)
  redis.call('PEXPIRE', line, retentionMs)
  local oldest = math.min(tonumber(time), ms) - tonumber(retentionMs)
  local gone = redis.call('ZRANGE', line, '-inf', int(oldest), 'BYSCORE', 'LIMIT', 0, HISTORY_SWEPT)
  if #gone > 0 then redis.call('ZREM', line, unpack(gone)) end
  return gone
end

-- Keeps a text for its receiver. `history`: keys of the records, the line, and the line of the source.
local function keepHistory(history, ms, time, retentionMs, record)
  local records, line, sourceLine = unpack(history)
  local id = arrivalId(ms)
  redis.call('HSET', records, id, record)
  redis.call('PEXPIRE', records, retentionMs)
  local gone = addToLine(line, id, time, ms, retentionMs)
  if #gone > 0 then redis.call('HDEL', records, unpack(gone)) end
  addToLine(sourceLine, id, time, ms, retentionMs)
end

-- keepSent: keeps a text for its sender. KEYS: records, line. ARGV: id, time, record, retention ms
-- Post: it is kept. A repeat changes nothing.
register('keepSent', function(keys, args)
  local records, line = keys[1], keys[2]
  if redis.call('HSETNX', records, args[1], args[3]) == 0 then return 0 end
  redis.call('PEXPIRE', records, args[4])
  local gone = addToLine(line, args[1], args[2], now(), args[4])
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
