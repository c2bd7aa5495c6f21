-- The common part of the functions of channels. Keys of a channel, always all of them and in this order:
--   P the partition; M members: user -> `fence node loop session`, and the last offset before it joined; C the channel;
--   H its replay ring (a list);
--   D, E results of publishes; A its attributes (outlive it for a while); N the last joins and leaves (a list)
--
-- Fields of C, which lives as long as the channel has members:
--   ep epoch   off last offset   g generation that gave it out
--   na, no     when members were last told the attributes, ms, and the offset then; HEARD_BY_NONE if they are told later
--   np, nd, nb the pace of these notices: see paceNotice
--   av         number of the last write of the attributes
--   v          number of the last join or leave that members were told
--   n:<node>   number of members on that node, which gets the news of the channel
-- The member count is the size of M. An entry of H: offset, ms, sender's session, sender, flags, time, capabilities,
-- content.

local NOTICES = 64
-- Above any offset: every member who resumes may have missed the notice.
local HEARD_BY_NONE = '9007199254740991'

local function parseMember(text)
  local fence, node, loop, sid, since = string.match(text, '^(%d+) (%S+) (%d+) (%x+) (%d+)$')
  return {fence = fence, node = node, loop = loop, sid = sid, since = since}
end

local function memberOf(M, user)
  local text = redis.call('HGET', M, user)
  return text and parseMember(text)
end

-- The nodes with members, each once.
local function nodesOf(C)
  local flat, nodes = redis.call('HGETALL', C), {}
  for i = 1, #flat, 2 do
    if string.sub(flat[i], 1, 2) == 'n:' then nodes[#nodes + 1] = string.sub(flat[i], 3) end
  end
  return nodes
end

local function tellMembers(P, C, news)
  for _, node in ipairs(nodesOf(C)) do tell(P, node, news) end
end

local function countNode(P, C, id, node, by)
  local left = redis.call('HINCRBY', C, 'n:' .. node, by)
  if left == 0 then redis.call('HDEL', C, 'n:' .. node) end
  local index = tagOf(P) .. 'im:' .. node
  if by > 0 then
    if left == 1 then redis.call('SADD', index, id) end
  elseif left == 0 then
    redis.call('SREM', index, id)
  end
end

-- Members are told who joined or left; in a large channel only the number of members.
local function tellMembership(P, M, C, N, id, what, user, noticeLimit)
  local count = redis.call('HLEN', M)
  local limit = tonumber(noticeLimit)
  -- A join that makes the channel too large is not told. A leave that makes it small enough again is told.
  if limit == 0 or count <= limit then
    local version = redis.call('HINCRBY', C, 'v', 1)
    if redis.call('RPUSH', N, pack(version, what, user)) > NOTICES then redis.call('LPOP', N) end
    tellMembers(P, C, pack('M', id, count, what, user, version))
  else
    tellMembers(P, C, pack('N', id, count))
  end
end

-- Requires that `member` is the entry of `user`.
local function removeMember(P, M, C, H, A, N, id, user, member, noticeLimit, afterlifeMs)
  redis.call('HDEL', M, user)
  countNode(P, C, id, member.node, -1)
  if redis.call('HLEN', M) == 0 then
    redis.call('DEL', C, H, N)
    redis.call('PEXPIRE', A, afterlifeMs)
    return
  end
  tellMembership(P, M, C, N, id, '-', user, noticeLimit)
end

-- A time of notices that is further ahead than any can be is from before the clock was set back: it does not count.
local function isPlausible(time, ms)
  return time - ms <= NOTICE_BURST * LARGE_COUNT_INTERVAL_MS
end

-- The owed notice has so many bytes now. Returns what no writer was charged yet.
local function growNotice(C, bytes)
  local charged = tonumber(redis.call('HGET', C, 'nb') or 0)
  if bytes <= charged then return 0 end
  redis.call('HSET', C, 'nb', int(bytes))
  return bytes - charged
end

-- Whether a write now is part of a notice that is owed: the nodes read the attributes when it is due, or a little later.
local function sharesNotice(C, ms)
  local due = tonumber(redis.call('HGET', C, 'nd') or 0)
  return due ~= 0 and ms < due + SMALL_COUNT_INTERVAL_MS and isPlausible(due, ms)
end

-- When the members are told the attributes, and what that costs; NoticeThrottle in C++ says why. np: rises by an interval
-- with each notice; the burst is how far it may be ahead. nd: when the owed notice is due; 0 if the last was told at once.
-- nb: its bytes that writers were charged.
-- Returns the ms until the notice, and the bytes that this write adds for each member.
local function paceNotice(C, ms, bytes, small)
  local state = redis.call('HMGET', C, 'np', 'nd')
  local due = tonumber(state[2] or 0)
  if due > ms and isPlausible(due, ms) then return due - ms, growNotice(C, bytes) end
  local interval = small and SMALL_COUNT_INTERVAL_MS or LARGE_COUNT_INTERVAL_MS
  local pace = tonumber(state[1] or 0)
  local begin = isPlausible(pace, ms) and math.max(pace, ms) or ms
  due = math.max(begin - (NOTICE_BURST - 1) * interval, ms)
  redis.call('HSET', C, 'np', int(begin + interval), 'nd', int(due > ms and due or 0), 'nb', int(bytes))
  return due - ms, bytes
end

-- The attributes have changed. Their number rises also if a failover has lost the last ones, since it is at least the
-- clock. It is kept while there are members, who are told.
local function nextWrite(C, ms)
  local version = math.max(tonumber(redis.call('HGET', C, 'av') or 0) + 1, ms)
  redis.call('HSET', C, 'av', int(version))
  return int(version)
end

-- The joins and leaves after number `version` that are still kept.
local function missedNotices(N, version)
  local missed = {}
  for _, entry in ipairs(redis.call('LRANGE', N, 0, -1)) do
    if tonumber(unpackAll(entry)[1]) > version then missed[#missed + 1] = entry end
  end
  return missed
end

-- The entries that a reader at `offset` of `epoch` has missed, without its own, and whether these are all.
local function replay(C, H, epoch, offset, reader, since)
  local state = redis.call('HMGET', C, 'ep', 'off')
  local last = tonumber(state[2])
  local known = epoch == state[1]
  local from = tonumber(known and offset or since or 0)
  local entries, expected, oldest = {}, from + 1, now() - REPLAY_AGE_MS
  if known and from >= last then return entries, true end
  -- A reader without a position may never have got the answer to its join, so it is not known what it has seen.
  local complete = known
  for _, entry in ipairs(redis.call('LRANGE', H, 0, -1)) do
    local fields = unpackAll(entry)
    local at = tonumber(fields[1])
    if at > from then
      if at ~= expected then complete = false end
      expected = at + 1
      if tonumber(fields[2]) < oldest then
        complete = false
      elseif fields[3] ~= reader then
        entries[#entries + 1] = entry
      end
    end
  end
  return entries, complete and expected == last + 1
end

-- ---- attributes of users and channels ---------------------------------------------------------------------------
-- A hash: key -> value, writer, time.

-- most: number of attributes, bytes of a value, bytes of all keys and values.
-- Returns Ok, or SizeOverflow if the attributes would be too large; nothing has changed then.
local function writeAttributes(A, action, most, writer, time, entries)
  if action == ATTRIBUTE_ACTION.Clear then
    redis.call('DEL', A)
    return ATTRIBUTES_CODE.Ok
  end
  if action == ATTRIBUTE_ACTION.Delete then
    for i = 1, #entries, 2 do redis.call('HDEL', A, entries[i]) end
    return ATTRIBUTES_CODE.Ok
  end
  local wanted, sizes, count, bytes = {}, {}, 0, 0
  if action == ATTRIBUTE_ACTION.Merge then
    local flat = redis.call('HGETALL', A)
    for i = 1, #flat, 2 do sizes[flat[i]] = #unpackAll(flat[i + 1])[1] end
  end
  for i = 1, #entries, 2 do
    if #entries[i + 1] > tonumber(most[2]) then return ATTRIBUTES_CODE.SizeOverflow end
    wanted[entries[i]] = entries[i + 1]
    sizes[entries[i]] = #entries[i + 1]
  end
  for key, size in pairs(sizes) do
    count, bytes = count + 1, bytes + #key + size
  end
  if count > tonumber(most[1]) or bytes > tonumber(most[3]) then return ATTRIBUTES_CODE.SizeOverflow end
  if action == ATTRIBUTE_ACTION.Set then redis.call('DEL', A) end
  for key, value in pairs(wanted) do redis.call('HSET', A, key, pack(value, writer, time)) end
  return ATTRIBUTES_CODE.Ok
end

local function attributeList(A)
  local flat, out = redis.call('HGETALL', A), {}
  for i = 1, #flat, 2 do out[#out + 1] = pack(flat[i]) .. flat[i + 1] end
  return out
end
