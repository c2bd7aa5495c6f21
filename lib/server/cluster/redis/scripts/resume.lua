-- resume: continues a session, perhaps on another node than before.
-- ARGV: RESUME; `tokenHash` is of the token that the client presented
-- Post: {a value of RESUME_STATUS, fence, complete (1, 0), previous node, previous loop}. With Resumed the session is on this
--       node, in state R, under a new fence; messages up to `offset` are acknowledged, and the rest of the inbox waits
--       for `deliver`. The presented token stays good until `confirm`. The previous node, if another one, hears
--       that the session is gone from there.
--       Otherwise nothing has changed.
register('resume', function(keys, args)
  local P, S, R, O, D, E, W, A, B = unpack(keys)
  local id, node, loop = args[RESUME.id], args[RESUME.node], args[RESUME.loop]
  local sid, token, nextToken = args[RESUME.sessionId], args[RESUME.tokenHash], args[RESUME.newTokenHash]
  local s = load(S)
  if not s then return {redis.call('GET', B) == sid and RESUME_STATUS.Banned or RESUME_STATUS.Unknown} end
  if s.i ~= sid then return {RESUME_STATUS.RemoteLogin} end
  if token ~= s.tk and (s.pk == '' or token ~= s.pk) then return {RESUME_STATUS.Unknown} end
  if s.st == 'E' then
    if s.er == SESSION_END.RemoteLogin then return {RESUME_STATUS.RemoteLogin} end
    return {s.er == SESSION_END.Banned and RESUME_STATUS.Banned or RESUME_STATUS.Unknown}
  end
  touch(P, S, s)
  local previousNode, previousLoop, previousFence = s.t, s.l, s.f
  local fence = nextFence(P)
  local capabilities = args[RESUME.capabilities]
  put(S, s, 'f', fence, 't', node, 'l', loop, 'c', capabilities, 'st', 'R', 'sl', '0', 'pk', token, 'tk', nextToken)
  if previousNode ~= node then
    redis.call('SREM', tagOf(P) .. 'iu:' .. previousNode, id)
    redis.call('SADD', tagOf(P) .. 'iu:' .. node, id)
    tell(P, previousNode, pack('D', previousLoop, sid, previousFence))
  end
  announce(P, W, id, s)
  -- All messages that any link has got count as handed over now, so that the client's position can acknowledge them.
  local offset, ever = tonumber(args[RESUME.offset]), tonumber(s.eh)
  local known = args[RESUME.epoch] == s.ep and offset >= tonumber(s.ack) and offset <= math.max(ever, tonumber(s.kb))
  if known then
    put(S, s, 'hn', redis.call('LLEN', R))
    acknowledge(P, S, R, O, D, E, s, offset)
  end
  put(S, s, 'hn', '0', 'hb', '0', 'kp', known and '1' or '0')
  return {RESUME_STATUS.Resumed, fence, known and '1' or '0', previousNode, previousLoop}
end)

-- deliver: the session's node is ready for its peer messages.
-- ARGV: fence
-- Post: the session is online if it rested; its inbox has been handed over as far as the window allows.
register('deliver', function(keys, args)
  local P, S, R, O, D, E = unpack(keys)
  local s = loadFenced(S, args[1])
  if not s or s.st ~= 'R' then return 0 end
  put(S, s, 'st', 'O')
  deliver(P, S, R, O, D, E, s)
  return 1
end)

-- confirm: the client has the new token. ARGV: fence. Post: the previous token is void.
register('confirm', function(keys, args)
  local s = loadFenced(keys[2], args[1])
  if s then put(keys[2], s, 'pk', '') end
  return 0
end)

-- lost: the session has no connection. ARGV: fence, grace ms
-- Post: it is in its grace period; when that is over, its node ends the session by `close` with this fence.
register('lost', function(keys, args)
  local S = keys[2]
  local s = loadFenced(S, args[1])
  if not s or (s.st ~= 'O' and s.st ~= 'R') then return 0 end
  put(S, s, 'st', 'G', 'gu', int(now() + tonumber(args[2])))
  return 1
end)
