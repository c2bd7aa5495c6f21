-- The directory of nodes, in one partition. KEYS[1]: its P; KEYS[2]: nodes -> when their lease is over, ms.
-- A node that does not renew its lease is dead. Its entry stays until a survivor has removed its sessions and
-- memberships; until then the node may come back.

-- What the keys of this version mean. 2: the history is in lines. A node does not take part beside data of a newer
-- format; parts of an older format that it cannot read expire by themselves.
local KEYS_FORMAT = 2

-- lease: takes or renews a lease.
-- ARGV: node id, node (id.boot), lease ms, new (1, 0)
-- Post: {now, node, end of its lease, node, end ...}: the lease is taken, or renewed.
--       {-1, end of the lease}: another node with this id has a lease (new), or there was no lease to renew (not new).
--       {-2, format, newest format that this node knows}: the data has a newer format; nothing has changed.
register('lease', function(keys, args)
  local P, nodes, id, node, ms = keys[1], keys[2], args[1], args[2], now()
  local format = tonumber(redis.call('HGET', P, 'format') or 1)
  if format > KEYS_FORMAT then return {-2, int(format), int(KEYS_FORMAT)} end
  local flat = redis.call('HGETALL', nodes)
  local mine = false
  for i = 1, #flat, 2 do
    if flat[i] == node then
      mine = true
    elseif args[4] == '1' and string.match(flat[i], '^(.*)%.') == id and tonumber(flat[i + 1]) > ms then
      return {-1, flat[i + 1], flat[i]}
    end
  end
  if not mine and args[4] ~= '1' then return {-1, '0'} end
  if format < KEYS_FORMAT then redis.call('HSET', P, 'format', int(KEYS_FORMAT)) end
  redis.call('HSET', nodes, node, int(ms + tonumber(args[3])))
  local answer = {int(ms)}
  for _, text in ipairs(redis.call('HGETALL', nodes)) do answer[#answer + 1] = text end
  return answer
end)

-- release: ARGV: node. Post: its lease is over. Its users have been sent away, and can resume on other nodes, as after
-- its death.
register('release', function(keys, args)
  if redis.call('HEXISTS', keys[2], args[1]) == 1 then redis.call('HSET', keys[2], args[1], int(now())) end
  return 0
end)

-- claim: one survivor at a time works on a dead node. ARGV: dead node, survivor, ms
-- KEYS[3]: the survivor that does. Post: 1: it is this survivor, for that time.
register('claim', function(keys, args)
  local ends = redis.call('HGET', keys[2], args[1])
  if not ends or tonumber(ends) > now() then return 0 end
  local holder = redis.call('GET', keys[3])
  if holder and holder ~= args[2] then return 0 end
  redis.call('SET', keys[3], args[2], 'PX', args[3])
  return 1
end)

-- forget: a dead node has left nothing more. ARGV: dead node. Post: it is not in the directory, unless it came back.
register('forget', function(keys, args)
  local ends = redis.call('HGET', keys[2], args[1])
  if ends and tonumber(ends) <= now() then redis.call('HDEL', keys[2], args[1]) end
  redis.call('DEL', keys[3])
  return 0
end)
