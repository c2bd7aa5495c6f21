-- Removes the entries of a dead node in one partition, a batch at a time: the keys are found in the partition's
-- indexes, and all
-- have its tag. Every removal asks first whether the entry still names the dead node, so a user who came back elsewhere
-- keeps everything, and two reapers do no harm.

-- unreachable: the node's lease is over. ARGV: node, cursor. Post: the watchers of its users have been told; next
-- cursor.
register('unreachable', function(keys, args)
  local P = keys[1]
  local page = redis.call('SSCAN', tagOf(P) .. 'iu:' .. args[1], args[2], 'COUNT', 200)
  for _, id in ipairs(page[2]) do
    local user = userKeys(P, id)
    local s = load(user[2])
    if s and s.t == args[1] and s.sl ~= '1' then
      put(user[2], s, 'sl', '1')
      announce(P, user[7], id, s)
    end
  end
  return page[1]
end)

-- reap: removes sessions, memberships and watches of a dead node.
-- ARGV: node, most entries, notice limit, afterlife ms, retention ms
-- Post: at most that many entries are gone, each with the consequences of an ordinary end; 1: there may be more.
register('reap', function(keys, args)
  local P, node, left = keys[1], args[1], tonumber(args[2])
  local tag = tagOf(P)
  for _, id in ipairs(redis.call('SRANDMEMBER', tag .. 'iu:' .. node, left)) do
    local _, S, R, O, D, E, W, A, B = unpack(userKeys(P, id))
    local s = load(S)
    if s and s.t == node then
      if s.st ~= 'E' then
        put(S, s, 'st', 'E', 'er', SESSION_END.GraceOver)
        abandon(P, S, R, O, D, E, s, args[5])
      end
      bury(P, S, R, O, W, A, B, id, s, args[5])
    end
    redis.call('SREM', tag .. 'iu:' .. node, id)
    left = left - 1
  end
  if left <= 0 then return 1 end
  for _, id in ipairs(redis.call('SRANDMEMBER', tag .. 'im:' .. node, left)) do
    local _, M, C, H, D, E, A, N = unpack(channelKeys(P, id))
    local cursor = '0'
    repeat
      local page = redis.call('HSCAN', M, cursor, 'COUNT', 500)
      cursor = page[1]
      for i = 1, #page[2], 2 do
        local member = parseMember(page[2][i + 1])
        if member.node == node then
          removeMember(P, M, C, H, A, N, id, page[2][i], member, args[3], args[4])
          left = left - 1
        end
      end
    until cursor == '0'
    redis.call('SREM', tag .. 'im:' .. node, id)
    if left <= 0 then return 1 end
  end
  for _, id in ipairs(redis.call('SRANDMEMBER', tag .. 'iw:' .. node, left)) do
    local W = userKeys(P, id)[7]
    redis.call('HDEL', W, node)
    if redis.call('HLEN', W) <= 1 then redis.call('DEL', W) end
    redis.call('SREM', tag .. 'iw:' .. node, id)
    left = left - 1
  end
  if left <= 0 then return 1 end
  redis.call('HDEL', P, 'n:' .. node)
  return 0
end)
