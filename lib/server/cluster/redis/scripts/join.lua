-- join: a session joins a channel.
-- ARGV: JOIN; `newEpoch` is for a channel that has no members yet
-- Post: {seq} if refused: a newer session of the user is the member, or `again` and there is no membership.
--       {seq, epoch, offset, count, complete (1, 0), replay, attributes, 1 if attributes were missed, number of the
--       last join
--       or leave before} otherwise: the session is a member on that
--       node. Other members have been told, if the user was no member before. The node finds the moment of the join in
--       its mailbox:
--       'J' with the number of the request, news `seq`. `attributes`: those that the members were told while this one
--       was away, if any.
register('join', function(keys, args)
  local P, M, C, H, D, E, A, N = unpack(keys)
  local id, user, node, loop = args[JOIN.id], args[JOIN.userId], args[JOIN.node], args[JOIN.loop]
  local sid, fence, again = args[JOIN.sessionId], args[JOIN.fence], args[JOIN.again] == '1'
  local epoch, offset = args[JOIN.epoch], args[JOIN.offset]
  local member = memberOf(M, user)
  if (member and tonumber(member.fence) > tonumber(fence)) or (again and not member) then
    return {tell(P, node, pack('J', args[JOIN.request]))}
  end
  if redis.call('HSETNX', C, 'ep', args[JOIN.newEpoch]) == 1 then
    redis.call('HSET', C, 'off', '0', 'g', generation(P))
    redis.call('PERSIST', A)
  end
  local since = member and member.sid == sid and member.since or redis.call('HGET', C, 'off')
  redis.call('HSET', M, user, table.concat({fence, node, loop, sid, since}, ' '))
  if member then countNode(P, C, id, member.node, -1) end
  countNode(P, C, id, node, 1)
  local version = redis.call('HGET', C, 'v')
  local seq = tell(P, node, pack('J', args[JOIN.request]))
  if not member then tellMembership(P, M, C, N, id, '+', user, args[JOIN.noticeLimit]) end
  local state = redis.call('HMGET', C, 'ep', 'off', 'na', 'no')
  local outcome = {seq, state[1], state[2], redis.call('HLEN', M), 1, {}, {}, 0, version or '0'}
  if again then
    local entries, complete = replay(C, H, epoch, offset, sid, since)
    outcome[5], outcome[6] = complete and 1 or 0, entries
    local seen = epoch == state[1] and tonumber(offset) or 0
    if state[3] and now() - tonumber(state[3]) <= REPLAY_AGE_MS and seen <= tonumber(state[4]) then
      outcome[7] = attributeList(A)
      outcome[8] = 1
    end
  end
  return outcome
end)

-- leave: ARGV: id, user, fence, notice limit, afterlife ms
-- Post: 1: the session was a member, by this fence or an older one, and has left; the other members have been told.
register('leave', function(keys, args)
  local P, M, C, H, D, E, A, N = unpack(keys)
  local member = memberOf(M, args[2])
  if not member or tonumber(member.fence) > tonumber(args[3]) then return 0 end
  removeMember(P, M, C, H, A, N, args[1], args[2], member, args[4], args[5])
  return 1
end)

-- kick: ARGV: id, user, notice limit, afterlife ms
-- Post: 1: the user was a member, and was removed; its node has been told, then the other members.
register('kick', function(keys, args)
  local P, M, C, H, D, E, A, N = unpack(keys)
  local member = memberOf(M, args[2])
  if not member then return 0 end
  tell(P, member.node, pack('K', args[1], args[2], member.loop, member.sid))
  removeMember(P, M, C, H, A, N, args[1], args[2], member, args[3], args[4])
  return 1
end)

-- members: ARGV: user, fence, limit
-- Post: {1, at most `limit` users, at random if there are more}, or {0} if the session is no member.
register('members', function(keys, args)
  local M = keys[2]
  local member = memberOf(M, args[1])
  if not member or member.fence ~= args[2] then return {0} end
  if redis.call('HLEN', M) <= tonumber(args[3]) then return {1, redis.call('HKEYS', M)} end
  return {1, redis.call('HRANDFIELD', M, args[3])}
end)

-- count: Post: the number of members.
register('count', function(keys)
  return redis.call('HLEN', keys[2])
end)
