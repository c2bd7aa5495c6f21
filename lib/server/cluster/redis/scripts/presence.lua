-- watch: a node watches a user.
-- ARGV: id, node, number of the request
-- Post: {seq, state}: the node hears of each change of that state ('W' news) behind news `seq` ('V', with the number).
register('watch', function(keys, args)
  local P, S, W = keys[1], keys[2], keys[7]
  local id, node = args[1], args[2]
  local state = presenceOf(load(S))
  redis.call('HSET', W, node, '1', '', state)
  redis.call('SADD', tagOf(P) .. 'iw:' .. node, id)
  return {tell(P, node, pack('V', args[3])), state}
end)

-- unwatch: ARGV: id, node. Post: the node hears no more of the user.
register('unwatch', function(keys, args)
  local P, W = keys[1], keys[7]
  redis.call('HDEL', W, args[2])
  redis.call('SREM', tagOf(P) .. 'iw:' .. args[2], args[1])
  if redis.call('HLEN', W) <= 1 then redis.call('DEL', W) end
  return 0
end)

-- presence: Post: 0 online, 1 unreachable, 2 offline; nothing has changed.
register('presence', function(keys)
  return presenceOf(load(keys[2]))
end)

-- silence: the client has been silent for long, or has been heard again. ARGV: id, fence, silent (1, 0)
-- Post: the watchers of the user have been told.
register('silence', function(keys, args)
  local P, S, W = keys[1], keys[2], keys[7]
  local s = loadFenced(S, args[2])
  if not s or s.sl == args[3] then return 0 end
  put(S, s, 'sl', args[3])
  announce(P, W, args[1], s)
  return 1
end)
