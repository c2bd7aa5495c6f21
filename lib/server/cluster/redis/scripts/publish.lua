-- publish: a message to a channel.
-- ARGV: id, user, session id, fence, seq, flags, time ms, capabilities, history record ('': none), history retention ms,
--       content
-- KEYS: those of the channel, then the histories of destination and source
-- Post: 0: it has its place in the order of the channel, is in the ring, and every node with members has it as news.
--       1: the session is no member under this fence. A repeat changes nothing and gets the first result.
register('publish', function(keys, args)
  local P, M, C, H, D, E, A, N, history, sourceHistory = unpack(keys)
  local user, sid, fence = args[2], args[3], args[4]
  local key = sid .. ':' .. args[5]
  local known = recall(D, E, key)
  if known then return known end
  local ms = now()
  local member = memberOf(M, user)
  if not member or member.fence ~= fence then
    remember(D, E, key, '1', ms)
    return '1'
  end
  local gen = generation(P)
  local state = redis.call('HMGET', C, 'ep', 'off', 'g')
  local offset = tonumber(state[2]) + 1
  if state[3] ~= gen then offset = offset + OFFSET_JUMP end
  redis.call('HSET', C, 'off', int(offset), 'g', gen)
  local entry = pack(int(offset), int(ms), sid, user, args[6], args[7], args[8], args[11])
  if redis.call('RPUSH', H, entry) > REPLAY_MESSAGES then redis.call('LPOP', H) end
  if args[9] ~= '' then keepHistory(history, sourceHistory, ms, args[10], args[9]) end
  tellMembers(P, C, pack('C', args[1], state[1]) .. entry)
  remember(D, E, key, '0', ms)
  return '0'
end)
