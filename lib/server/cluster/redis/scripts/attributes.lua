-- A write that is repeated after a resume (same session and request, another fence) is answered but not made again:
-- another user may have written in between, and members may have been told.
local function repeated(D, E, session, request, fence)
  local known = recall(D, E, 'A' .. session .. ':' .. request)
  local before, code = string.match(known or '', '^(%d+) (%d+)$')
  return before and before ~= fence and code
end

-- writeUser: a session writes its user's attributes.
-- ARGV: fence, session id, request id, writer, time ms, action, most (attributes, bytes of a value, of all), then keys
--       and values
-- Post: '0' done, '4' too large, '2' not the present session.
register('writeUser', function(keys, args)
  local P, S, R, O, D, E, W, A = unpack(keys)
  local s = loadFenced(S, args[1])
  if not s or s.st == 'E' then return '2' end
  local code = repeated(D, E, args[2], args[3], args[1])
  if code then return code end
  code = writeAttributes(A, args[6], {unpack(args, 7, 9)}, args[4], args[5], {unpack(args, 10)})
  remember(D, E, 'A' .. args[2] .. ':' .. args[3], args[1] .. ' ' .. code, now())
  return code
end)

-- readUser: Post: {1 if the user is online, attributes}; nothing has changed.
register('readUser', function(keys)
  local s = load(keys[2])
  if presenceOf(s) == '2' then return {0, {}} end
  -- The successor of a session that is ending begins without attributes.
  if s.st == 'E' then return {1, {}} end
  return {1, attributeList(keys[8])}
end)

-- writeChannel: any user writes attributes of a channel.
-- ARGV: id, notify (1, 0), afterlife ms, fence, session id, request id, writer, time ms, action, most (attributes,
--       bytes
--       of a value, of all), then keys and values
-- Post: '0' done, and with `notify` the members have been told; '4' too large. Attributes of a channel without members
--       expire.
register('writeChannel', function(keys, args)
  local P, M, C, H, D, E, A = unpack(keys)
  local code = repeated(D, E, args[5], args[6], args[4])
  if code then return code end
  code = writeAttributes(A, args[9], {unpack(args, 10, 12)}, args[7], args[8], {unpack(args, 13)})
  local ms = now()
  remember(D, E, 'A' .. args[5] .. ':' .. args[6], args[4] .. ' ' .. code, ms)
  if redis.call('EXISTS', C) == 0 then
    redis.call('PEXPIRE', A, args[3])
  elseif code == '0' and args[2] == '1' then
    redis.call('HSET', C, 'na', int(ms), 'no', redis.call('HGET', C, 'off'))
    local news = {pack('A', args[1])}
    for _, entry in ipairs(attributeList(A)) do news[#news + 1] = pack(entry) end
    tellMembers(P, C, table.concat(news))
  end
  return code
end)

-- readChannel: Post: the attributes; nothing has changed.
register('readChannel', function(keys)
  return attributeList(keys[7])
end)
