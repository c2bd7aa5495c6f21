-- publish: a message to a channel.
-- ARGV: PUBLISH; an empty history record: none is kept
-- KEYS: the keys of the channel, then of its history: records, line, line of the sender
-- Post: Ok: it has its place in the order of the channel, is in the ring, and every node with members has it as news.
--       Failure: the session is no member under this fence. A repeat changes nothing and gets the first result.
register('publish', function(keys, args)
  local P, M, C, H, D, E = unpack(keys)
  local user, sid, fence = args[PUBLISH.userId], args[PUBLISH.sessionId], args[PUBLISH.fence]
  local key = sid .. ':' .. args[PUBLISH.seq]
  local known = recall(D, E, key)
  if known then return known end
  local ms = now()
  local member = memberOf(M, user)
  if not member or member.fence ~= fence then
    remember(D, E, key, CHANNEL_CODE.Failure, ms)
    return CHANNEL_CODE.Failure
  end
  local gen = generation(P)
  local state = redis.call('HMGET', C, 'ep', 'off', 'g')
  local offset = tonumber(state[2]) + 1
  if state[3] ~= gen then offset = offset + OFFSET_JUMP end
  redis.call('HSET', C, 'off', int(offset), 'g', gen)
  local flags, time, capabilities = args[PUBLISH.flags], args[PUBLISH.timeMs], args[PUBLISH.capabilities]
  local entry = pack(int(offset), int(ms), sid, user, flags, time, capabilities, args[PUBLISH.content])
  if redis.call('RPUSH', H, entry) > REPLAY_MESSAGES then redis.call('LPOP', H) end
  local record = args[PUBLISH.historyRecord]
  if record ~= '' then keepHistory(P, {unpack(keys, 9)}, ms, time, args[PUBLISH.historyRetentionMs], record) end
  tellMembers(P, C, pack('C', args[PUBLISH.id], state[1]) .. entry)
  remember(D, E, key, CHANNEL_CODE.Ok, ms)
  return CHANNEL_CODE.Ok
end)
