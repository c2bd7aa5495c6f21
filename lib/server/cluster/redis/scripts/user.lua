-- What the functions of users share. Keys of a user, always all of them and in this order:
--   P the partition; S the session; R its inbox (a list); O stored messages (a stream, outlives sessions);
--   D, E results of sends to the user; W who watches it; A the session's attributes; B the session a ban ended
-- Beside R is a hash, `c:` in the place of its `r:`: what each sender has in it, see push().
--
-- Fields of S:
--   f fence   t node   l loop   i session id   c capabilities
--   st        O online, R resting (opened or resumed, and delivery not started), G grace, E ending
--   tk, pk    hashes of the resume token, and of the one before until the client is known to have the new one
--   ep epoch  off last offset   ack acknowledged up to   g generation that gave out `off`   kb known bound, see touch()
--   hn entries at the front of R that were handed to the present link, hb their bytes   eh offset of the last one ever
--             handed to a link   rb bytes of R   kp 0: nobody knows what the client has of what it was handed
--   sl 1: silent   gu end of the grace period, ms   er why it ends
--   wt, wl, wi, wc, wk, we   the newest login that waits for the end of this session: node, loop, id, capabilities,
--                            hash of its token, epoch
-- An entry of R: offset, L (live) or S (stored), sender's session, seq, sender, time, capabilities, store it if it
-- cannot be delivered (1), id in O, content, when it expires by the clock of this Redis ('': never), C if it counts for its
-- sender: else this field is missing. X instead of L or S: it has expired, and goes without its content.

local function load(S)
  local flat = redis.call('HGETALL', S)
  if #flat == 0 then return nil end
  local s = {}
  for i = 1, #flat, 2 do s[flat[i]] = flat[i + 1] end
  return s
end

-- The session, if `fence` is its present one.
local function loadFenced(S, fence)
  local s = load(S)
  if s and s.f == fence then return s end
  return nil
end

local function put(S, s, ...)
  local change = {}
  for i = 1, select('#', ...), 2 do
    local field, value = select(i, ...)
    s[field] = tostring(value)
    change[#change + 1] = field
    change[#change + 1] = s[field]
  end
  redis.call('HSET', S, unpack(change))
end

-- A value of PRESENCE. A kicked session ends under the eyes of its successor: nobody hears of an OFFLINE
-- in between.
local function presenceOf(s)
  if not s then return PRESENCE.Offline end
  if s.st ~= 'E' then return s.sl == '1' and PRESENCE.Unreachable or PRESENCE.Online end
  return s.wi and s.wi ~= '' and PRESENCE.Online or PRESENCE.Offline
end

-- Tells the watching nodes, if the presence is another one than they know (field '' of W).
local function announce(P, W, id, s)
  local watching = redis.call('HGETALL', W)
  if #watching == 0 then return end
  local state = presenceOf(s)
  for i = 1, #watching, 2 do
    if watching[i] == '' and watching[i + 1] == state then return end
  end
  redis.call('HSET', W, '', state)
  for i = 1, #watching, 2 do
    if watching[i] ~= '' then tell(P, watching[i], pack('W', id, state)) end
  end
end

-- ---- results ----------------------------------------------------------------------------------------------------

-- Collects results, neighbours of one sender in one piece of news.
local function newRuns(P, code)
  local runs = {P = P, code = code, count = 0}
  function runs.flush()
    if runs.count > 0 then
      tell(runs.P, runs.node, pack('R', runs.loop, runs.sid, int(runs.first), runs.count, runs.code, thisRun()))
    end
    runs.count = 0
  end
  function runs.add(node, loop, sid, seq)
    if runs.count > 0 and node == runs.node and loop == runs.loop and sid == runs.sid
        and seq == runs.first + runs.count then
      runs.count = runs.count + 1
      return
    end
    runs.flush()
    runs.node, runs.loop, runs.sid, runs.first, runs.count = node, loop, sid, seq, 1
  end
  return runs
end

-- The fate of a send is known: remembers it for repeats, and tells the node on which its sender was last seen.
local function conclude(runs, D, E, ms, sid, seq, code)
  local key = sid .. ':' .. seq
  local pending = recall(D, E, key)
  remember(D, E, key, code, ms)
  local node, loop = string.match(pending or '', '^P (%S+) (%d+)$')
  if node then runs.add(node, loop, sid, tonumber(seq)) end
end

-- ---- the inbox --------------------------------------------------------------------------------------------------

-- What a sender has in the inbox is one number, messages and bytes, so that a message counts by one command.
local HELD_MESSAGE = 2 ^ 25

local function heldKey(P, R)
  return tagOf(P) .. 'c:' .. idOf(P, R)
end

-- Returns the messages and bytes that the sender had before.
local function changeHeld(P, R, sender, messages, bytes)
  local change = messages * HELD_MESSAGE + bytes
  local held = tonumber(redis.call('HINCRBY', heldKey(P, R), sender, int(change)))
  if held <= 0 then redis.call('HDEL', heldKey(P, R), sender) end
  local before = held - change
  return math.floor(before / HELD_MESSAGE), before % HELD_MESSAGE
end

-- After a failover the newest offsets may be lost: go on far above them. What the client says it has below is believed.
local function touch(P, S, s)
  local gen = generation(P)
  if s.g == gen then return end
  local offset = int(tonumber(s.off) + OFFSET_JUMP)
  put(S, s, 'g', gen, 'off', offset, 'kb', offset)
end

-- Whether a message is of no use any more. `expiry`: a field of its entry, which earlier versions did not write.
local function over(expiry, ms)
  return expiry and expiry ~= '' and tonumber(expiry) <= ms
end

-- How an entry ends that never expires: its time, and behind that what says that it counts for its sender. Both are packed;
-- the functions of Lua are not there yet when a library is loaded.
local NEVER, COUNTED = '\0\0\0\0', '\0\0\0\1C'

-- What the client gets of the entry at `at` of R, which it does not have: no content if the message has expired. The sender
-- hears so.
local function unexpired(P, R, O, D, E, s, at, entry)
  if string.sub(entry, -#NEVER) == NEVER or string.sub(entry, -#NEVER - #COUNTED) == NEVER .. COUNTED then return entry end
  local fields, ms = unpackAll(entry), now()
  if fields[2] == 'X' or not over(fields[11], ms) then return entry end
  if fields[2] == 'S' then
    removeStored(P, O, fields[9])
  else
    local runs = newRuns(P, PEER_CODE.Failure)
    conclude(runs, D, E, ms, fields[3], fields[4], PEER_CODE.Failure)
    runs.flush()
  end
  local rest = pack(fields[1], 'X', fields[3], fields[4], fields[5], fields[6], fields[7], '0', '', '', '')
  if fields[12] then rest = rest .. COUNTED end
  redis.call('LSET', R, at, rest)
  if fields[12] then changeHeld(P, R, fields[5], 0, #rest - #entry) end
  s.rb = int(tonumber(s.rb) + #rest - #entry)
  return rest
end

local function handOver(P, s, entry)
  tell(P, s.t, pack('P', s.l, s.i, s.f) .. entry)
end

-- Hands over what waits, as far as the window allows. Requires state O.
local function deliver(P, S, R, O, D, E, s)
  local handed, bytes, ever = tonumber(s.hn), tonumber(s.hb), s.eh
  local before = handed
  while bytes < INBOX_WINDOW_BYTES do
    local entries = redis.call('LRANGE', R, handed, handed + 31)
    if #entries == 0 then break end
    for _, entry in ipairs(entries) do
      if bytes >= INBOX_WINDOW_BYTES then break end
      local offset = unpackAll(string.sub(entry, 1, 4 + struct.unpack('>I4', entry)))[1]
      local isNew = tonumber(offset) > tonumber(ever)
      -- Over one link each message goes once, and of a known position the client had nothing above it.
      if isNew or s.kp ~= '0' then entry = unexpired(P, R, O, D, E, s, handed, entry) end
      handOver(P, s, entry)
      handed = handed + 1
      bytes = bytes + #entry
      if isNew then ever = offset end
    end
  end
  if handed ~= before then put(S, s, 'hn', handed, 'hb', bytes, 'eh', ever, 'rb', s.rb) end
end

-- The same rule as cpp/server/engine/memory/sender_share.hpp: an inbox is for one sender, and an eighth more for all
-- together. Nobody holds more than eight times what is left, so that others find room.
local function withRoomForOthers(most)
  return most + math.floor(most / 8)
end

local function leavesRoom(held, used, all)
  return used <= all and held <= 8 * (all - used)
end

-- What comes into the first eighth of an inbox counts for nobody, so that a receiver who keeps up costs nothing more. For
-- each sender it is as if all of that were its own, so who is alone has the whole inbox and no more.
local function uncounted(used, most)
  return math.min(used, most / 8)
end

-- Appends to the inbox. False: a bound is reached, nothing changed.
local function push(P, R, s, kind, sid, seq, sender, time, capabilities, fallback, storeId, content, expiry)
  local offset, used = int(tonumber(s.off) + 1), tonumber(s.rb)
  local entry = pack(offset, kind, sid, seq, sender, time, capabilities, fallback, storeId, content, expiry)
  -- Offsets rise by one at least, so there are no more messages than that.
  local messages = tonumber(s.off) - tonumber(s.ack)
  if messages > uncounted(messages, INBOX_MESSAGES) or used > uncounted(used, INBOX_BYTES) then
    entry = entry .. COUNTED
    local all, allBytes = withRoomForOthers(INBOX_MESSAGES), withRoomForOthers(INBOX_BYTES)
    local held, heldBytes = changeHeld(P, R, sender, 1, #entry)
    messages = redis.call('LLEN', R)
    held, heldBytes = held + uncounted(messages, INBOX_MESSAGES), heldBytes + uncounted(used, INBOX_BYTES)
    local fits = messages < all and used + #entry <= allBytes
    if not fits or not leavesRoom(held, messages, all) or not leavesRoom(heldBytes, used, allBytes) then
      changeHeld(P, R, sender, -1, -#entry)
      return false
    end
  end
  local count = redis.call('RPUSH', R, entry)
  s.off, s.rb = offset, int(used + #entry)
  return entry, count
end

-- Everything up to `offset` was received, as far as it was handed over.
local function acknowledge(P, S, R, O, D, E, s, offset)
  local handed, bytes, all = tonumber(s.hn), tonumber(s.hb), tonumber(s.rb)
  local ack = tonumber(s.ack)
  local runs = newRuns(P, PEER_CODE.Ok)
  local ms
  local stored, freed = {}, {}
  while handed > 0 do
    -- Offsets rise by one at least, so no more than that are meant.
    local most = math.min(handed, offset - ack, 64)
    local entries = most > 0 and redis.call('LRANGE', R, 0, most - 1) or {}
    local gone = 0
    for _, entry in ipairs(entries) do
      local fields = unpackAll(entry)
      if tonumber(fields[1]) > offset then break end
      gone = gone + 1
      ack = tonumber(fields[1])
      bytes, all = bytes - #entry, all - #entry
      if fields[12] then
        local of = freed[fields[5]] or {messages = 0, bytes = 0}
        freed[fields[5]] = of
        of.messages, of.bytes = of.messages + 1, of.bytes + #entry
      end
      if fields[2] == 'S' then
        stored[#stored + 1] = fields[9]
      elseif fields[2] == 'L' then
        ms = ms or now()
        conclude(runs, D, E, ms, fields[3], fields[4], PEER_CODE.Ok)
      end
    end
    if gone > 0 then redis.call('LTRIM', R, gone, -1) end
    handed = handed - gone
    if gone < 64 then break end
  end
  runs.flush()
  if #stored > 0 then
    for _, storeId in ipairs(stored) do removeStored(P, O, storeId) end
    if redis.call('XLEN', O) == 0 then redis.call('DEL', O) end
  end
  for sender, of in pairs(freed) do changeHeld(P, R, sender, -of.messages, -of.bytes) end
  put(S, s, 'ack', int(ack), 'hn', handed, 'hb', bytes, 'rb', all)
end

-- ---- the life of a session --------------------------------------------------------------------------------------

local function varint(number)
  local out = {}
  while number >= 128 do
    out[#out + 1] = string.char(number % 128 + 128)
    number = math.floor(number / 128)
  end
  out[#out + 1] = string.char(number)
  return table.concat(out)
end

-- Number of a stored message, as field 9 of the wire's Content, a varint.
local function numberOf(storeId)
  local ms, seq = string.match(storeId, '^(%d+)-(%d+)$')
  return string.char(72) .. varint(tonumber(ms) * 4096 + tonumber(seq) % 4096)
end

-- The place of a message in the inbox of an ended session, as fields of the wire's Content: 7 a fixed64, 8 a varint.
-- Fields of a message may stand in any order, so they are written behind the sender's bytes.
local function placeOf(epoch, offset)
  local bytes = {}
  for at = 15, 1, -2 do bytes[#bytes + 1] = string.char(tonumber(string.sub(epoch, at, at + 1), 16)) end
  return string.char(57) .. table.concat(bytes) .. string.char(64) .. varint(tonumber(offset))
end

-- A session begins. The user has none. Its stored messages are the first in its inbox; they leave O when acknowledged.
local function start(P, S, R, O, W, B, id, login, retentionMs)
  local fence = nextFence(P)
  local s = {}
  put(S, s, 'f', fence, 't', login.node, 'l', login.loop, 'i', login.sid, 'c', login.capabilities, 'st', 'R',
      'tk', login.token, 'pk', '', 'ep', login.epoch, 'off', '0', 'ack', '0', 'g', generation(P), 'kb', '0', 'hn', '0',
      'hb', '0', 'eh', '0', 'rb', '0', 'sl', '0')
  redis.call('SADD', tagOf(P) .. 'iu:' .. login.node, id)
  redis.call('DEL', R, B, heldKey(P, R))
  local ms = now()
  local oldest = ms - tonumber(retentionMs)
  for _, item in ipairs(redis.call('XRANGE', O, '-', '+')) do
    local storeId = item[1]
    local fields = unpackAll(item[2][2])
    if tonumber(string.match(storeId, '^%d+')) < oldest or over(fields[5], ms) then
      removeStored(P, O, storeId)
    elseif not lacks(fields[3], login.capabilities) then
      -- Others are withheld from a client that does not understand them, and wait for a client that does.
      local content = fields[4] .. numberOf(storeId)
      local expiry = fields[5] or ''
      if not push(P, R, s, 'S', '', '0', fields[1], fields[2], fields[3], '0', storeId, content, expiry) then break end
    end
  end
  put(S, s, 'off', s.off, 'rb', s.rb)
  announce(P, W, id, s)
  return s
end

-- The messages of a session that ends: those without an acknowledgement go to the store, or their senders hear that
-- they were not delivered, where that is sure. That is so if no link was ever handed the message, and after a logout,
-- before which the client acknowledges what it has. The rest stays: an acknowledgement may still come.
local function abandon(P, S, R, O, D, E, s, retentionMs)
  local everHanded, handedNow = tonumber(s.eh), tonumber(s.hn)
  local ms = now()
  local kept, handed, bytes, all = {}, 0, 0, 0
  local unreachable, cached = newRuns(P, PEER_CODE.Unreachable), newRuns(P, PEER_CODE.Cached)
  local failed = newRuns(P, PEER_CODE.Failure)
  for at, entry in ipairs(redis.call('LRANGE', R, 0, -1)) do
    local fields = unpackAll(entry)
    local offset, live, stores = fields[1], fields[2] == 'L', fields[8] == '1'
    local wasHanded = tonumber(offset) <= everHanded
    local expired = over(fields[11], ms)
    if live and stores and not expired then
      -- The message was taken when there was room in the inbox; its sender is not refused now.
      local place = wasHanded and placeOf(s.ep, offset) or ''
      appendStored(P, O, retentionMs, fields[5], fields[6], fields[7], fields[10] .. place, fields[11] or '')
      conclude(cached, D, E, ms, fields[3], fields[4], PEER_CODE.Cached)
    elseif live and (not wasHanded or s.er == SESSION_END.Logout) then
      local runs = stores and failed or unreachable
      conclude(runs, D, E, ms, fields[3], fields[4], runs.code)
    elseif wasHanded then
      kept[#kept + 1] = entry
      all = all + #entry
      if at <= handedNow then handed, bytes = handed + 1, bytes + #entry end
    end
  end
  unreachable.flush()
  failed.flush()
  cached.flush()
  redis.call('DEL', R, heldKey(P, R)) -- nobody sends to it any more
  for from = 1, #kept, 1000 do redis.call('RPUSH', R, unpack(kept, from, math.min(from + 999, #kept))) end
  put(S, s, 'hn', handed, 'hb', bytes, 'rb', all)
end

-- The session ends: its node leaves all its channels and then calls `ended`.
local function finish(P, S, R, O, D, E, W, id, s, reason, retentionMs)
  if s.st == 'E' then return end
  put(S, s, 'st', 'E', 'er', reason)
  abandon(P, S, R, O, D, E, s, retentionMs)
  announce(P, W, id, s)
  tell(P, s.t, pack('E', s.l, s.i, id, reason))
end

-- The login that waited does so no more: a later one came, or the user is shut out.
local function dismissWaiting(P, S, s)
  if s.wi and s.wi ~= '' then tell(P, s.wt, pack('O', s.wi, '', '')) end
  put(S, s, 'wi', '')
end

-- Nothing is left of the session; the login that waited for this begins.
local function bury(P, S, R, O, W, A, B, id, s, retentionMs)
  redis.call('DEL', S, R, A, heldKey(P, R))
  redis.call('SREM', tagOf(P) .. 'iu:' .. s.t, id)
  if s.er == SESSION_END.Banned then redis.call('SET', B, s.i, 'PX', ENDED_SESSION_MS) end
  if not s.wi or s.wi == '' then
    announce(P, W, id, nil)
    return
  end
  local login = {node = s.wt, loop = s.wl, sid = s.wi, capabilities = s.wc, token = s.wk, epoch = s.we}
  local opened = start(P, S, R, O, W, B, id, login, retentionMs)
  tell(P, login.node, pack('O', login.sid, opened.f, opened.ep))
end
