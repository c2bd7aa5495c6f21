-- send: a message to a user.
-- ARGV: SEND; the node, loop and session are those of the sender; an empty history record: none is kept
-- KEYS: the keys of the user, then of its history: records, line, line of the sender
-- Post: {code, run id}: nothing was or will be delivered. {4, run id, bytes, lacks}: the message was stored for the
--       next login, and with `lacks` (1, 0) the largest senders have to make room. {'P'}: in the inbox; the result comes
--       as news to the sender's node. A repeat changes nothing: it gets the first result, or moves the address
--       for it here.
register('send', function(keys, args)
  local P, S, R, O, D, E = unpack(keys)
  local node, loop, sid = args[SEND.node], args[SEND.loop], args[SEND.sessionId]
  local seq, sender, flags = args[SEND.seq], args[SEND.senderId], tonumber(args[SEND.flags])
  local time, capabilities, content = args[SEND.timeMs], args[SEND.capabilities], args[SEND.content]
  local ms = now()
  local life = tonumber(args[SEND.expiresInMs])
  local expiry = life > 0 and int(ms + life) or ''
  local key = sid .. ':' .. seq
  local known = recall(D, E, key)
  if known then
    if string.sub(known, 1, 1) ~= 'P' then return {known, thisRun()} end
    remember(D, E, key, 'P ' .. node .. ' ' .. loop, ms)
    return {'P'}
  end
  local function taken(result)
    local record = args[SEND.historyRecord]
    if record ~= '' then keepHistory(P, {unpack(keys, 10)}, ms, time, args[SEND.historyRetentionMs], record) end
    remember(D, E, key, result, ms)
  end
  local offline = bit.band(flags, SEND_OFFLINE) ~= 0
  local s = load(S)
  if not s or s.st == 'E' then
    if not offline then
      remember(D, E, key, PEER_CODE.Unreachable, ms)
      return {PEER_CODE.Unreachable}
    end
    local room, left = tonumber(args[SEND.room]), tonumber(args[SEND.left])
    local retentionMs = args[SEND.offlineRetentionMs]
    local bytes, lacks = appendStored(P, O, retentionMs, sender, time, capabilities, content, expiry, room, left)
    if not bytes then
      remember(D, E, key, PEER_CODE.Failure, ms)
      return {PEER_CODE.Failure}
    end
    taken(PEER_CODE.Cached)
    return {PEER_CODE.Cached, thisRun(), bytes, lacks}
  end
  if lacks(capabilities, s.c) then
    remember(D, E, key, PEER_CODE.IncompatibleMessage, ms)
    return {PEER_CODE.IncompatibleMessage}
  end
  touch(P, S, s)
  local entry, count = push(P, R, s, 'L', sid, seq, sender, time, capabilities, offline and '1' or '0', '', content, expiry)
  if not entry then
    remember(D, E, key, PEER_CODE.Failure, ms)
    return {PEER_CODE.Failure}
  end
  taken('P ' .. node .. ' ' .. loop)
  if s.st == 'O' and tonumber(s.hn) == count - 1 and tonumber(s.hb) < INBOX_WINDOW_BYTES then
    put(S, s, 'off', s.off, 'rb', s.rb, 'hn', count, 'hb', tonumber(s.hb) + #entry, 'eh', s.off)
    handOver(P, s, entry)
  else
    put(S, s, 'off', s.off, 'rb', s.rb)
  end
  return {'P'}
end)

-- ack: the client has all messages up to an offset. ARGV: fence, offset
-- Post: its senders are told 0, on the nodes where they were last seen; stored messages among them are gone from the
--       store; the window has room again and is filled.
register('ack', function(keys, args)
  local P, S, R, O, D, E = unpack(keys)
  local s = loadFenced(S, args[1])
  if not s then return 0 end
  acknowledge(P, S, R, O, D, E, s, tonumber(args[2]))
  if s.st == 'O' then deliver(P, S, R, O, D, E, s) end
  return 1
end)
