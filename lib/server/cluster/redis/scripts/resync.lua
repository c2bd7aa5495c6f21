-- resync: a node has missed news of this partition, or cannot know.
-- ARGV: node, then for each thing it knows here:
--   's', id, session id, fence, last peer message's offset    a session of this node
--   'c', id, epoch, offset, number of the last join or leave   a channel with members on it
--   'm', id, user, session id, fence                          a membership
--   'w', id                                                   a user who is watched
--   'r', id, session id:seq                                   a send whose result has not come
-- Post: {number of the last news, answer, answer ...}, the state of the moment of that number; nothing has changed. An
-- answer is a list that begins like the question: 's' with 'kept', the missed entries, what is acknowledged and the state, 'ended' and the reason,
-- or 'gone'; 'c' with epoch, offset, count, the missed entries, time of the last attribute notice, attributes, number of the last join or
-- leave, those that were missed, and the number of the last write of attributes; 'm' with
-- 1 (is one still) or 0; 'w' with the state; 'r' with what is known.
register('resync', function(keys, args)
  local P, node = keys[1], args[1]
  local answers = {redis.call('HGET', P, 'n:' .. node) or '0'}
  local at = 2
  local function take()
    at = at + 1
    return args[at - 1]
  end
  local ask = {}
  function ask.s()
    local id, sid, fence, offset = take(), take(), take(), tonumber(take())
    local user = userKeys(P, id)
    local s = load(user[2])
    if not s or s.i ~= sid or s.t ~= node or s.f ~= fence then return {'s', sid, fence, 'gone'} end
    if s.st == 'E' then return {'s', sid, fence, 'ended', s.er} end
    local missed = {}
    for _, entry in ipairs(redis.call('LRANGE', user[3], 0, tonumber(s.hn) - 1)) do
      if tonumber(unpackAll(string.sub(entry, 1, 4 + struct.unpack('>I4', entry)))[1]) > offset then
        missed[#missed + 1] = entry
      end
    end
    return {'s', sid, fence, 'kept', missed, s.ack, s.st}
  end
  function ask.c()
    local id, epoch, offset, version = take(), take(), take(), tonumber(take())
    local _, M, C, H, D, E, A, N = unpack(channelKeys(P, id))
    local state = redis.call('HMGET', C, 'ep', 'off', 'na', 'v', 'av')
    if not state[1] then return {'c', id, '', '0', 0, {}, '0', {}, '0', {}, '0'} end
    local entries = replay(C, H, epoch, offset, '')
    return {'c', id, state[1], state[2], redis.call('HLEN', M), entries, state[3] or '0',
            state[3] and attributeList(A) or {}, state[4] or '0', state[1] == epoch and missedNotices(N, version) or {},
            state[5] or '0'}
  end
  function ask.m()
    local id, user, sid, fence = take(), take(), take(), take()
    local member = memberOf(channelKeys(P, id)[2], user)
    return {'m', id, user, fence, member and member.fence == fence and 1 or 0}
  end
  function ask.w()
    local id = take()
    return {'w', id, presenceAt(userKeys(P, id)[2])}
  end
  function ask.r()
    local id, key = take(), take()
    local user = userKeys(P, id)
    return {'r', key, recall(user[5], user[6], key) or '', thisRun()}
  end
  while at <= #args do answers[#answers + 1] = ask[take()]() end
  return answers
end)

-- audit: ARGV: node, retention of stored messages, and of the history, ms
-- Post: {number of its last news, user and session id of each session it has here by turns, usage of the store of messages,
-- usage of the history}; messages and texts that have expired have left.
register('audit', function(keys, args)
  local P, node = keys[1], args[1]
  local sessions = {}
  for _, id in ipairs(redis.call('SMEMBERS', tagOf(P) .. 'iu:' .. node)) do
    local s = load(userKeys(P, id)[2])
    if s and s.t == node then
      sessions[#sessions + 1] = id
      sessions[#sessions + 1] = s.i
    else
      redis.call('SREM', tagOf(P) .. 'iu:' .. node, id)
    end
  end
  sweepStored(P, args[2])
  return {redis.call('HGET', P, 'n:' .. node) or '0', sessions, storedUsage(P), historyUsage(P, args[3])}
end)
