-- The common part of the functions of this library. Every function works on the keys of one partition, which have one
-- hash tag
-- and so one slot: KEYS[1] is always the partition's own hash `{tag}p`, with the fields
--   f         the last fence of a login or resume in this partition
--   rid, gen  the run id of the primary that served the partition last, and the number of primaries so far
--   n:<node>  the number of the last news for that node
--   format    only in the partition of the directory: see nodes
-- A <node> is `<node id>.<boot>`: a node that starts again has another name.

local PREFIX = '@PREFIX@'

local function register(name, run)
  redis.register_function(PREFIX .. name, run)
end

-- Lua's numbers have 53 bits; %.14g would round the larger ones.
local function int(number)
  return string.format('%.0f', number)
end

-- Wall clock of this Redis, ms.
local function now()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- A sequence of texts, each behind its length in four bytes, so that texts may have any bytes.
local function pack(...)
  local out = {}
  for i = 1, select('#', ...) do
    local text = tostring((select(i, ...)))
    out[i] = struct.pack('>I4', #text) .. text
  end
  return table.concat(out)
end

local function unpackAll(text)
  local out, at = {}, 1
  while at <= #text do
    local size = struct.unpack('>I4', text, at)
    out[#out + 1] = string.sub(text, at + 4, at + 3 + size)
    at = at + 4 + size
  end
  return out
end

-- `{tag}` of the partition.
local function tagOf(P)
  return string.sub(P, 1, -2)
end

-- The App ID of a scoped id, and its beginning, which is that of all ids of the App.
local function appOf(id)
  local size, from = string.match(id, '^(%d+):()')
  local last = from + tonumber(size) - 1
  return string.sub(id, from, last), string.sub(id, 1, last)
end

-- The keys of a user and of a channel, in the order of user and channel.
local function userKeys(P, id)
  local tag = tagOf(P)
  local keys = {P}
  for _, kind in ipairs({'s', 'r', 'o', 'd', 'e', 'w', 'a', 'b'}) do keys[#keys + 1] = tag .. kind .. ':' .. id end
  return keys
end

local function channelKeys(P, id)
  local tag = tagOf(P)
  local keys = {P}
  for _, kind in ipairs({'M', 'C', 'H', 'D', 'E', 'A', 'N'}) do keys[#keys + 1] = tag .. kind .. ':' .. id end
  return keys
end

-- Puts news into a node's mailbox, under the next number; a reader that misses a number asks for the state. Returns the
-- number.
local function tell(P, node, news)
  local seq = redis.call('HINCRBY', P, 'n:' .. node, 1)
  redis.call('SPUBLISH', tagOf(P) .. 'n:' .. node, pack(int(seq)) .. news)
  return seq
end

-- The fences of a partition, and so those of each user, always rise. A fence is at least the clock, so fences rise even
-- if the counter was lost.
local function nextFence(P)
  local fence = math.max(tonumber(redis.call('HGET', P, 'f') or 0) + 1, now())
  redis.call('HSET', P, 'f', int(fence))
  return int(fence)
end

-- The functions' own state lives as long as the process does, and is not replicated.
local runId
local function thisRun()
  if not runId then runId = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') end
  return runId
end

-- How many primaries have served this partition. A failover may have lost the newest offsets; when this number changes,
-- OFFSET_JUMP offsets are skipped, so that no offset is ever used twice.
local OFFSET_JUMP = 4294967296
local function generation(P)
  local seen = redis.call('HMGET', P, 'rid', 'gen')
  if seen[1] == thisRun() then return seen[2] end
  redis.call('HSET', P, 'rid', runId)
  return tostring(redis.call('HINCRBY', P, 'gen', 1))
end

-- Whether `required` has capabilities that are missing. The bit library has only 32 bits.
local function lacks(required, had)
  required, had = tonumber(required), tonumber(had)
  local high = bit.band(math.floor(required / 4294967296), bit.bnot(math.floor(had / 4294967296)))
  return bit.band(required % 4294967296, bit.bnot(had % 4294967296)) ~= 0 or high ~= 0
end

-- ---- repeats ----------------------------------------------------------------------------------------------------
-- The result of a request is remembered for one to two minutes in two hashes. New results go into D for a minute, and
-- then D becomes E. A request can be repeated for the 30 s in which a session can be resumed.

local REMEMBER_MS = 60000

local function recall(D, E, key)
  local value = redis.call('HGET', D, key)
  if value then return value end
  return redis.call('HGET', E, key)
end

local function remember(D, E, key, value, ms)
  local since = redis.call('HGET', D, '')
  if since and ms - tonumber(since) > REMEMBER_MS then
    redis.call('RENAME', D, E)
    redis.call('PEXPIRE', E, 2 * REMEMBER_MS)
    since = false
  end
  if since then
    redis.call('HSET', D, key, value)
  else
    redis.call('HSET', D, '', int(ms), key, value)
    redis.call('PEXPIRE', D, 3 * REMEMBER_MS)
  end
end

-- ---- replicas ---------------------------------------------------------------------------------------------------

-- barrier: a write, so that a WAIT after it covers all earlier writes. KEYS[2]: any key.
-- Post: the run id of this primary. Writes that another run has acknowledged may be missing here.
register('barrier', function(keys)
  redis.call('SET', keys[2], '1', 'PX', 10000)
  return thisRun()
end)
