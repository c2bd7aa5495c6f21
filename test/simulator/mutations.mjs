// Faults put into the product by hand: each stands for a kind of mistake that the simulator must find.

/**
 * @type {{ what: string, file: string, from: string, to: string }[]}
 * `from` stands once in `file`.
 */
export const mutations = [
  {
    what: 'an acknowledgement of the inbox counts one too far',
    file: 'cpp/server/engine/memory/user_messages.cpp',
    from: 'user->inbox.acknowledge(op.offset, taken);',
    to: 'user->inbox.acknowledge(op.offset + 1, taken);',
  },
  {
    what: '"cached" is said before the word of the store',
    file: 'cpp/server/engine/memory/user_messages.cpp',
    from: '  beginStoring(receiver);\n  store_.appendOffline(',
    to: '  beginStoring(receiver);\n  history_.sendResults(sender, seq, 1, code::peer::kCached);\n  store_.appendOffline(',
  },
  {
    what: 'a forgotten fence: an operation of an ended session reaches the next one',
    file: 'cpp/server/engine/memory/user.hpp',
    from: 'return user != nullptr && user->fence == fence ? user : nullptr;',
    to: 'return fence != 0 ? user : nullptr;',
  },
  {
    what: 'new messages do not wait for the stored ones',
    file: 'cpp/server/engine/memory/user_messages.cpp',
    from: '  if (!user.arrivals) {\n    const wire::PeerMessage message{',
    to: '  if (!user.arrivals || user.fence != 0) {\n    const wire::PeerMessage message{',
  },
  {
    what: 'the messages of a session that ends are not stored',
    file: 'cpp/server/engine/memory/user_messages.cpp',
    from: '  if (!wire::decode(abandoned.frame.subspan(wire::kFrameHeaderSize), message)) return;  // the inbox wrote it',
    to: '  if (nowMs != 0 || !wire::decode(abandoned.frame.subspan(wire::kFrameHeaderSize), message)) return;',
  },
  {
    what: 'results that a lost link did not bring are repeated for the next number',
    file: 'cpp/server/gateway/send_answers.cpp',
    from: 'session.state->results.record(firstSeq, count, code);',
    to: 'session.state->results.record(firstSeq + 1, count, code);',
  },
  {
    what: 'what was handed to a lost link counts as not arrived',
    file: 'cpp/server/engine/memory/inbox.hpp',
    from: '} else if (i < handed && !handedAreLost) {',
    to: '} else if (i < handed && !handedAreLost && entry.seq == kSettled) {',
  },
  {
    what: 'the replay of a channel begins one message too late',
    file: 'cpp/server/engine/memory/replay_ring.hpp',
    from: 'std::uint64_t next = offset + 1;',
    to: 'std::uint64_t next = offset + 2;',
  },
  {
    what: 'a session whose link broke before it had joined again after a resume stays a member for ever',
    file: 'cpp/server/engine/memory/channel_state.cpp',
    from: 'if (found == positions_.end() || members_[found->second].fence > fence) return false;',
    to: 'if (found == positions_.end() || members_[found->second].fence != fence) return false;',
  },
  {
    what: 'the client tells the server at a resume that it had one message more',
    file: 'cpp/client/session/inbox_reader.hpp',
    from: 'std::uint64_t offset() const { return offset_; }',
    to: 'std::uint64_t offset() const { return offset_ + 1; }',
  },
  {
    what: 'the client forgets how far earlier sessions had come',
    file: 'cpp/client/session/inbox_reader.hpp',
    from: 'if (epoch_ != 0) {',
    to: 'if (epoch_ != 0 && epoch == epoch_) {',
  },
  {
    what: 'the client takes a stored message twice that two sessions were handed',
    file: 'cpp/client/messages/stored_seen.hpp',
    from: 'if (std::find(marks_.begin(), marks_.end(), mark) != marks_.end()) return false;',
    to: 'if (std::find(marks_.begin(), marks_.end(), mark) != marks_.end()) return true;',
  },
  {
    what: 'a new session sends again what the old one had sent',
    file: 'cpp/client/sending/outbox.cpp',
    from: '    entry.seq = entry.sent ? 0 : nextSeq_++;\n    entry.accepted = entry.sent || entry.abandoned;',
    to: '    entry.seq = nextSeq_++;\n    entry.accepted = entry.abandoned;',
  },
  {
    what: 'what left the client ends as "failed" when its channel is left',
    file: 'cpp/client/channels/channels.cpp',
    from: 'ended.sent ? ChannelMessageCode::SentTimeout : ChannelMessageCode::Failure',
    to: 'ended.sent ? ChannelMessageCode::Failure : ChannelMessageCode::Failure',
  },
  {
    what: 'a lost session looks like a resumed one: no channel is named as missed',
    file: 'cpp/client/session/session_handshake.cpp',
    from: 'const std::vector<std::string_view> views(ids.begin(), ids.end());',
    to: 'const std::vector<std::string_view> views(ids.begin(), ids.begin());',
  },
];
