-- A write that is repeated after a resume (same session and request, another fence) is answered but not made again:
-- another user may have written in between, and members may have been told.
local function repeated(D, E, args, at)
  local known = recall(D, E, 'A' .. args[at.sessionId] .. ':' .. args[at.request])
  local before, code = string.match(known or '', '^(%d+) (%d+)$')
  return before and before ~= args[at.fence] and code
end

-- What a write does to the attributes A, with the places of its arguments.
local function carryOut(A, args, at)
  local most = {args[at.mostEntries], args[at.mostValueBytes], args[at.mostBytes]}
  local entries = {unpack(args, at.entries)}
  return writeAttributes(A, args[at.action], most, args[at.writerId], args[at.timeMs], entries)
end

-- Keeps the code of a write for its repeat.
local function rememberWrite(D, E, args, at, code, ms)
  remember(D, E, 'A' .. args[at.sessionId] .. ':' .. args[at.request], args[at.fence] .. ' ' .. code, ms)
end

-- writeUser: a session writes its user's attributes.
-- ARGV: WRITE_USER; `entries` are keys and values, by turns
-- Post: a value of ATTRIBUTES_CODE: Ok; SizeOverflow; Failure: not the present session.
register('writeUser', function(keys, args)
  local P, S, R, O, D, E, W, A = unpack(keys)
  local s = loadFenced(S, args[WRITE_USER.fence])
  if not s or s.st == 'E' then return ATTRIBUTES_CODE.Failure end
  local code = repeated(D, E, args, WRITE_USER)
  if code then return code end
  code = carryOut(A, args, WRITE_USER)
  rememberWrite(D, E, args, WRITE_USER, code, now())
  return code
end)

-- readUser: Post: {1 if the user is online, attributes}; nothing has changed.
register('readUser', function(keys)
  local s = load(keys[2])
  if presenceOf(s) == PRESENCE.Offline then return {0, {}} end
  -- The successor of a session that is ending begins without attributes.
  if s.st == 'E' then return {1, {}} end
  return {1, attributeList(keys[8])}
end)

-- What makes attributes larger.
local GROWS = {[ATTRIBUTE_ACTION.Set] = true, [ATTRIBUTE_ACTION.Merge] = true}

-- writeChannel: any user writes attributes of a channel.
-- ARGV: WRITE_CHANNEL; `entries` are keys and values, by turns
-- Post: {a value of ATTRIBUTES_CODE: Ok, SizeOverflow, or TooOften: the writer is in debt; bytes times members that the write makes the nodes send}.
--       With `notify` the nodes with members have been told the attributes, or that a notice is due in so many ms, for
--       which they read the attributes then. Attributes of a channel without members expire.
register('writeChannel', function(keys, args)
  local P, M, C, H, D, E, A = unpack(keys)
  local code = repeated(D, E, args, WRITE_CHANNEL)
  if code then return {code, 0} end
  local ms, members, notify = now(), redis.call('HLEN', M), args[WRITE_CHANNEL.notify] == '1'
  -- A notice that is owed has the newest attributes, so a write without `notify` makes it larger, too.
  local costs = members > 0 and (notify or sharesNotice(C, ms))
  local adds = notify or GROWS[args[WRITE_CHANNEL.action]]
  if costs and adds and args[WRITE_CHANNEL.inDebt] == '1' then return {ATTRIBUTES_CODE.TooOften, 0} end
  code = carryOut(A, args, WRITE_CHANNEL)
  rememberWrite(D, E, args, WRITE_CHANNEL, code, ms)
  if members == 0 then
    redis.call('PEXPIRE', A, args[WRITE_CHANNEL.attributeAfterlifeMs])
    return {code, 0}
  end
  local version = code == ATTRIBUTES_CODE.Ok and nextWrite(C, ms)
  if version and costs then
    local news = {pack('A', args[WRITE_CHANNEL.id], version)}
    for _, entry in ipairs(attributeList(A)) do news[#news + 1] = pack(entry) end
    local notice, limit = table.concat(news), tonumber(args[WRITE_CHANNEL.noticeLimit])
    if not notify then return {code, growNotice(C, #notice) * members} end
    local wait, charge = paceNotice(C, ms, #notice, limit == 0 or members <= limit)
    redis.call('HSET', C, 'na', int(ms), 'no', wait == 0 and redis.call('HGET', C, 'off') or HEARD_BY_NONE)
    tellMembers(P, C, wait == 0 and notice or pack('a', args[WRITE_CHANNEL.id], int(wait)))
    return {code, charge * members}
  end
  return {code, 0}
end)

-- readChannel: Post: {number of the last write, attributes}; nothing has changed.
register('readChannel', function(keys)
  return {redis.call('HGET', keys[3], 'av') or '0', attributeList(keys[7])}
end)
