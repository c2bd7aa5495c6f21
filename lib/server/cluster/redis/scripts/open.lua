-- open: logs a user in.
-- ARGV: OPEN; `again`: the login has waited, and asks whether it still does; `overrule`: the node of the previous session
--       is dead or does not answer
-- Pre: the session id has never been used by another login.
-- Post: {'O', fence, epoch}: the session exists, in state R, and the user has no other session.
--       {'W', node}: the previous session is ending, on that node; when it has ended this one begins, and its node
--       hears
--       of it ('O' news).
--       {'S'}: a later login of the same user has come, or the session was ended before it began.
register('open', function(keys, args)
  local P, S, R, O, D, E, W, A, B = unpack(keys)
  local id, retentionMs = args[OPEN.id], args[OPEN.offlineRetentionMs]
  local again, overrule = args[OPEN.again] == '1', args[OPEN.overrule] == '1'
  local login = {
    node = args[OPEN.node], loop = args[OPEN.loop], sid = args[OPEN.sessionId],
    capabilities = args[OPEN.capabilities], token = args[OPEN.tokenHash], epoch = args[OPEN.epoch],
  }
  local s = load(S)
  if not s then
    s = start(P, S, R, O, W, B, id, login, retentionMs)
    return {'O', s.f, s.ep}
  end
  -- This repeats a call whose answer was lost.
  if s.i == login.sid then return s.st == 'E' and {'S'} or {'O', s.f, s.ep} end
  if s.wi ~= login.sid then
    if again then return {'S'} end
    if s.wi and s.wi ~= '' then dismissWaiting(P, S, s) end
    put(S, s, 'wt', login.node, 'wl', login.loop, 'wi', login.sid, 'wc', login.capabilities, 'wk', login.token,
        'we', login.epoch)
    finish(P, S, R, O, D, E, W, id, s, SESSION_END.RemoteLogin, retentionMs)
  end
  if not overrule then return {'W', s.t} end
  bury(P, S, R, O, W, A, B, id, s, retentionMs)
  s = load(S)
  return {'O', s.f, s.ep}
end)

-- ended: the session's node has left all channels of a session that was ending.
-- ARGV: id, session id, retention ms
-- Post: if that session was ending, it is gone, and a login that waited has begun.
register('ended', function(keys, args)
  local P, S, R, O, D, E, W, A, B = unpack(keys)
  local s = load(S)
  if s and s.st == 'E' and s.i == args[2] then bury(P, S, R, O, W, A, B, args[1], s, args[3]) end
  return 0
end)

-- close: ends a session.
-- ARGV: id, fence ('': whatever session the user has, and the login that waits), reason, retention ms
-- Post: 1: a session was there; it is ending, and its node knows.
register('close', function(keys, args)
  local P, S, R, O, D, E, W = unpack(keys)
  local id, fence, reason = args[1], args[2], args[3]
  local s = load(S)
  if not s or (fence ~= '' and s.f ~= fence) then return 0 end
  local waits = s.wi and s.wi ~= ''
  local there = s.st ~= 'E' or waits
  if fence == '' and waits then
    dismissWaiting(P, S, s)
    announce(P, W, id, s)
  end
  finish(P, S, R, O, D, E, W, id, s, reason, args[4])
  return there and 1 or 0
end)

-- abort: no node has this session any more: its login failed half-way, or its node lost it. ARGV: id, session id,
-- retention
-- Post: if the user's session is this one, it is gone; if it was the login that waits, it waits no more.
register('abort', function(keys, args)
  local P, S, R, O, D, E, W, A, B = unpack(keys)
  local s = load(S)
  if not s then return 0 end
  if s.wi == args[2] then put(S, s, 'wi', '') end
  if s.i ~= args[2] then return 0 end
  if s.st ~= 'E' then
    put(S, s, 'st', 'E', 'er', SESSION_END.GraceOver)
    abandon(P, S, R, O, D, E, s, args[3])
  end
  bury(P, S, R, O, W, A, B, args[1], s, args[3])
  return 1
end)
