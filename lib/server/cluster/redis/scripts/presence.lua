-- What presenceOf needs of a session, which has many more fields.
local function presenceAt(S)
  local fields = redis.call('HMGET', S, 'st', 'sl', 'wi')
  return presenceOf(fields[1] and {st = fields[1], sl = fields[2], wi = fields[3]} or nil)
end

-- watch: a node watches users of one partition.
-- ARGV: node, number of the request, ids
-- Post: {seq, states}: the node hears of each change of these states ('W' news) behind news `seq` ('V', with the number).
register('watch', function(keys, args)
  local P, node = keys[1], args[1]
  local states = {}
  for i = 3, #args do
    local user = userKeys(P, args[i])
    local state = presenceAt(user[2])
    redis.call('HSET', user[7], node, '1', '', state)
    states[#states + 1] = state
  end
  redis.call('SADD', tagOf(P) .. 'iw:' .. node, unpack(args, 3))
  return {tell(P, node, pack('V', args[2])), states}
end)

-- unwatch: ARGV: node, ids. Post: the node hears no more of these users.
register('unwatch', function(keys, args)
  local P, node = keys[1], args[1]
  for i = 2, #args do
    local W = userKeys(P, args[i])[7]
    redis.call('HDEL', W, node)
    if redis.call('HLEN', W) <= 1 then redis.call('DEL', W) end
  end
  redis.call('SREM', tagOf(P) .. 'iw:' .. node, unpack(args, 2))
  return 0
end)

-- presence: ARGV: ids. Post: a value of PRESENCE of each; nothing has changed.
register('presence', function(keys, args)
  local states = {}
  for i, id in ipairs(args) do states[i] = presenceAt(userKeys(keys[1], id)[2]) end
  return states
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
