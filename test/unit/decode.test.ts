import { describe, expect, it } from 'vitest';
import { BatchReader } from '../../lib/native/decode.js';
import { EventKind, type ServiceSink, type Sinks } from '../../lib/native/event-kinds.js';
import { BatchWriter, FakeSource } from './batch-writer.js';

/** Takes every event of every handle as `[handle, method, ...arguments]`. */
function recorder() {
  const seen: unknown[][] = [];
  const sinks: Sinks = {
    get: (handle) =>
      new Proxy(
        {},
        {
          get:
            (_target, method) =>
            (...args: unknown[]) =>
              seen.push([handle, method, ...args]),
        },
      ) as ServiceSink,
    onClientLog: (level, line) => seen.push([0, 'onClientLog', level, line]),
  };
  return { seen, sinks };
}

function read(writer: BatchWriter, { seen, sinks } = recorder()) {
  const source = new FakeSource();
  source.put(writer);
  const reader = new BatchReader(source.columns, source);
  reader.load(source.drain() as string);
  while (reader.left > 0) reader.next(sinks);
  return { seen, source };
}

/** A recorded text or raw message: `[handle, 'onMessage', userId, ...fields]`. */
function contentOf(event: unknown[] = []) {
  type Fields = [number, number, string, Buffer | undefined, number, boolean];
  const [id, type, text, raw, ts, offline] = event.slice(3) as Fields;
  return { id, type, text, raw: raw?.toString('hex'), ts, offline };
}

describe('reading a batch', () => {
  it('gives every field of a file and an image message, and of an upload that failed', () => {
    const media = (writer: BatchWriter, type: number) =>
      writer
        .message(type, 42, 9, 'look')
        .text('m1')
        .text('näme')
        .number(30 * 1024 * 1024)
        .payload(Uint8Array.of(7, 0))
        .word(640, 480, 64, 48);
    const writer = new BatchWriter().record(EventKind.UserName, 0).word(5).text('alice');
    media(writer.record(EventKind.PeerMessage, 7).word(5), 3 | 0x100);
    media(writer.record(EventKind.Upload, 7).word(0).number(11), 4);
    writer.record(EventKind.Upload, 7).word(1).number(12).message(3, 0, 0, '').text('').text('').number(0);
    const { seen } = read(writer.payload(new Uint8Array()).word(0, 0, 0, 0).record(EventKind.LoginSuccess, 7));
    const fields = {
      text: 'look',
      mediaId: 'm1',
      fileName: 'näme',
      size: 30 * 1024 * 1024,
      thumbnail: Buffer.of(7, 0),
      width: 640,
      height: 480,
      thumbnailWidth: 64,
      thumbnailHeight: 48,
    };
    const [file, image, failed, last] = seen;
    expect(file).toEqual([
      7,
      'onMediaMessage',
      'alice',
      { ...fields, type: 3, id: 42, serverReceivedTs: 9, offline: true },
    ]);
    expect(image).toEqual([7, 'onUpload', 11, { ...fields, type: 4, id: 42, serverReceivedTs: 9, offline: false }, 0]);
    expect(failed).toMatchObject([7, 'onUpload', 12, { type: 3, mediaId: '' }, 1]);
    expect(last).toEqual([7, 'onLoginSuccess']);
  });

  it('gives every field of a text and a raw message', () => {
    const { seen } = read(
      new BatchWriter()
        .record(EventKind.UserName, 0)
        .word(5)
        .text('alice')
        .record(EventKind.PeerMessage, 7)
        .word(5)
        .message(1, 42, 1700000000123, 'hello')
        .record(EventKind.ChannelMessage, 8)
        .word(5)
        .message(2 | 0x100, 2 ** 53 - 1, 9, '')
        .payload(Uint8Array.of(0, 255, 1)),
    );
    expect(seen).toHaveLength(2);
    expect(seen[0]?.slice(0, 3)).toEqual([7, 'onMessage', 'alice']);
    expect(contentOf(seen[0])).toEqual({
      id: 42,
      type: 1,
      text: 'hello',
      raw: undefined,
      ts: 1700000000123,
      offline: false,
    });
    expect(seen[1]?.slice(0, 3)).toEqual([8, 'onMessage', 'alice']);
    expect(contentOf(seen[1])).toEqual({
      id: 2 ** 53 - 1,
      type: 2,
      text: '',
      raw: '00ff01',
      ts: 9,
      offline: true,
    });
  });

  it('keeps texts apart, whatever their characters', () => {
    const texts = ['', 'plain', 'é', '中文', '😀😀', 'a\0b', '\uFFFD', '👩‍👩‍👧', 'end'];
    const writer = new BatchWriter().record(EventKind.UserName, 0).word(1).text('bob');
    for (const text of texts) writer.record(EventKind.PeerMessage, 3).word(1).message(1, 1, 0, text);
    const { seen } = read(writer);
    expect(seen.map((event) => contentOf(event).text)).toEqual(texts);
  });

  it('hands payloads over in one slab, and big ones in buffers of their own', () => {
    const small = new Uint8Array(100).fill(1);
    const big = new Uint8Array(20_000).fill(2);
    const writer = new BatchWriter().record(EventKind.UserName, 0).word(0).text('u');
    writer.record(EventKind.PeerMessage, 1).word(0).message(2, 1, 0, '').payload(small);
    writer.record(EventKind.PeerMessage, 1).word(0).message(2, 2, 0, '').payload(big, true);
    writer.record(EventKind.PeerMessage, 1).word(0).message(2, 3, 0, '').payload(small);
    const { seen, source } = read(writer);
    const raws = seen.map((event) => event[6] as Buffer);
    expect(raws.map((raw) => raw.length)).toEqual([100, 20_000, 100]);
    expect(raws[0]?.buffer).toBe(raws[2]?.buffer);
    expect(raws[1]?.buffer).not.toBe(raws[0]?.buffer);
    expect(raws[1]?.equals(big)).toBe(true);
    expect(source.slabs).toBe(1);
  });

  it('does not ask for a slab that is empty', () => {
    const writer = new BatchWriter().record(EventKind.UserName, 0).word(0).text('u');
    writer.record(EventKind.PeerMessage, 1).word(0).message(2, 1, 0, '').payload(new Uint8Array(0));
    const { seen, source } = read(writer);
    expect(seen[0]![6]).toEqual(Buffer.alloc(0));
    expect(source.slabs).toBe(0);
  });

  it('remembers user ids over batches and takes a slot over for another user', () => {
    const record = recorder();
    const source = new FakeSource();
    const reader = new BatchReader(source.columns, source);
    source.put(
      new BatchWriter().record(EventKind.UserName, 0).word(9).text('first').record(EventKind.MemberJoined, 4).word(9),
    );
    source.put(new BatchWriter().record(EventKind.MemberLeft, 4).word(9));
    source.put(
      new BatchWriter().record(EventKind.UserName, 0).word(9).text('second').record(EventKind.MemberLeft, 4).word(9),
    );
    for (let text = source.drain(); text !== undefined; text = source.drain()) {
      reader.load(text);
      while (reader.left > 0) reader.next(record.sinks);
    }
    expect(record.seen).toEqual([
      [4, 'onMemberJoined', 'first'],
      [4, 'onMemberLeft', 'first'],
      [4, 'onMemberLeft', 'second'],
    ]);
  });

  it('gives every field of the events of invitations', () => {
    const { seen } = read(
      new BatchWriter()
        .record(EventKind.UserName, 0)
        .word(3)
        .text('carol')
        .record(EventKind.LocalInvitationReceived, 5)
        .record(EventKind.LocalInvitationCanceled, 5)
        .record(EventKind.LocalInvitationFailure, 5)
        .word(2)
        .record(EventKind.LocalInvitationAccepted, 5)
        .text('ja 😀')
        .record(EventKind.LocalInvitationRefused, 5)
        .text('')
        .record(EventKind.RemoteInvitationReceived, 6)
        .word(3, 41)
        .text('lunch?')
        .text('kitchen')
        .record(EventKind.RemoteInvitationAccepted, 6)
        .word(41)
        .record(EventKind.RemoteInvitationRefused, 6)
        .word(42)
        .record(EventKind.RemoteInvitationCanceled, 6)
        .word(43)
        .record(EventKind.RemoteInvitationFailure, 6)
        .word(44, 3),
    );
    expect(seen).toEqual([
      [5, 'onLocalInvitationReceived'],
      [5, 'onLocalInvitationCanceled'],
      [5, 'onLocalInvitationFailure', 2],
      [5, 'onLocalInvitationAccepted', 'ja 😀'],
      [5, 'onLocalInvitationRefused', ''],
      [6, 'onRemoteInvitationReceived', 41, 'carol', 'lunch?', 'kitchen'],
      [6, 'onRemoteInvitationAccepted', 41],
      [6, 'onRemoteInvitationRefused', 42],
      [6, 'onRemoteInvitationCanceled', 43],
      [6, 'onRemoteInvitationFailure', 44, 3],
    ]);
  });

  it('reads the records of objects that are gone without losing its place', () => {
    const record = recorder();
    const sinks: Sinks = { ...record.sinks, get: (handle) => (handle === 2 ? undefined : record.sinks.get(handle)) };
    const writer = new BatchWriter().record(EventKind.UserName, 0).word(0).text('u');
    writer.record(EventKind.PeerMessage, 2).word(0).message(2, 1, 0, 'gone').payload(Uint8Array.of(1, 2));
    writer.record(EventKind.Members, 2).word(0, 2).text('a').text('b');
    writer.record(EventKind.PeerMessage, 1).word(0).message(2, 2, 0, 'here').payload(Uint8Array.of(3));
    read(writer, { seen: record.seen, sinks });
    expect(record.seen).toHaveLength(1);
    expect(contentOf(record.seen[0])).toMatchObject({ id: 2, text: 'here', raw: '03' });
  });

  it('reads every kind of event', () => {
    const writer = new BatchWriter()
      .record(EventKind.Log, 0)
      .word(2)
      .text('client line')
      .record(EventKind.Log, 9)
      .word(4)
      .text('server line')
      .record(EventKind.LoginSuccess, 1)
      .record(EventKind.LoginFailure, 1)
      .word(5)
      .record(EventKind.RenewTokenResult, 1)
      .word(6)
      .text('007token')
      .record(EventKind.TokenExpired, 1)
      .record(EventKind.TokenWillExpire, 1)
      .record(EventKind.Logout, 1)
      .word(0)
      .record(EventKind.ConnectionState, 1)
      .word(3, 2)
      .record(EventKind.PeerSendResult, 1)
      .word(3)
      .number(77)
      .record(EventKind.JoinSuccess, 2)
      .record(EventKind.JoinFailure, 2)
      .word(4)
      .record(EventKind.Leave, 2)
      .word(4)
      .record(EventKind.ChannelSendResult, 2)
      .word(2)
      .number(78)
      .record(EventKind.Members, 2)
      .word(0, 2)
      .text('a')
      .text('b')
      .record(EventKind.ChannelAttributes, 2)
      .word(1)
      .text('k')
      .text('v')
      .text('u')
      .number(5)
      .record(EventKind.MemberCount, 2)
      .word(600)
      .record(EventKind.SetUserAttributes, 1)
      .word(4)
      .number(11)
      .record(EventKind.QueryPeers, 1)
      .word(0)
      .number(12)
      .word(2)
      .text('p')
      .word(0)
      .text('q')
      .word(2)
      .record(EventKind.PeersBySubscription, 1)
      .word(0)
      .number(13)
      .word(1)
      .text('p')
      .record(EventKind.PeersChanged, 1)
      .word(1)
      .text('p')
      .word(1)
      .record(EventKind.UserAttributes, 1)
      .word(0)
      .number(14)
      .text('u')
      .word(1)
      .text('k')
      .text('v')
      .record(EventKind.ChannelAttributesResult, 1)
      .word(0)
      .number(15)
      .word(0)
      .record(EventKind.MemberCounts, 1)
      .word(0)
      .number(16)
      .word(1)
      .text('room')
      .word(3)
      .record(EventKind.HistoryResult, 1)
      .word(0)
      .number(20)
      .word(7)
      .word(1)
      .text('alice')
      .text('room')
      .word(1)
      .number(1700)
      .text('hi')
      .record(EventKind.UploadProgress, 1)
      .number(17, 100, 50)
      .record(EventKind.DownloadProgress, 1)
      .number(18, 100, 60)
      .record(EventKind.DownloadToMemory, 1)
      .word(0)
      .number(19)
      .payload(Uint8Array.of(7))
      .record(EventKind.ServerStarted, 9)
      .word(9136)
      .text('abcd')
      .text('')
      .record(EventKind.ServerClosed, 9);
    const { seen } = read(writer);
    expect(seen).toEqual([
      [0, 'onClientLog', 2, 'client line'],
      [9, 'onLog', 4, 'server line'],
      [1, 'onLoginSuccess'],
      [1, 'onLoginFailure', 5],
      [1, 'onRenewTokenResult', '007token', 6],
      [1, 'onTokenExpired'],
      [1, 'onTokenWillExpire'],
      [1, 'onLogout', 0],
      [1, 'onConnectionState', 3, 2],
      [1, 'onPeerSendResult', 77, 3],
      [2, 'onJoinSuccess'],
      [2, 'onJoinFailure', 4],
      [2, 'onLeave', 4],
      [2, 'onChannelSendResult', 78, 2],
      [2, 'onMembers', ['a', 'b'], 0],
      [2, 'onChannelAttributes', [{ key: 'k', value: 'v', lastUpdateUserId: 'u', lastUpdateTs: 5 }]],
      [2, 'onMemberCount', 600],
      [1, 'onPlainResult', EventKind.SetUserAttributes, 11, 4],
      [
        1,
        'onQueryPeers',
        12,
        [
          { peerId: 'p', isOnline: true, onlineState: 0 },
          { peerId: 'q', isOnline: false, onlineState: 2 },
        ],
        0,
      ],
      [1, 'onPeersBySubscription', 13, ['p'], 0],
      [1, 'onPeersChanged', [{ peerId: 'p', isOnline: false, onlineState: 1 }]],
      [1, 'onUserAttributes', 14, 'u', [{ key: 'k', value: 'v' }], 0],
      [1, 'onChannelAttributesResult', 15, [], 0],
      [1, 'onMemberCounts', 16, [{ channelId: 'room', count: 3 }], 0],
      [
        1,
        'onHistoryResult',
        20,
        [{ source: 'alice', destination: 'room', channel: true, serverReceivedTs: 1700, text: 'hi' }],
        7,
        0,
      ],
      [1, 'onUploadProgress', 17, { totalSize: 100, currentSize: 50 }],
      [1, 'onDownloadProgress', 18, { totalSize: 100, currentSize: 60 }],
      [1, 'onDownloadToMemory', 19, Buffer.of(7), 0],
      [9, 'onServerStarted', 9136, 'abcd', ''],
      [9, 'onServerClosed'],
    ]);
  });

  it('has a decoder for every kind', () => {
    for (const [name, kind] of Object.entries(EventKind)) {
      const writer = new BatchWriter()
        .record(kind, 1)
        .word(...new Array<number>(8).fill(0))
        .number(0, 0, 0, 0);
      expect(() => read(writer), name).not.toThrow(/not known/);
    }
  });

  it('says so when the addon is newer than itself', () => {
    expect(() => read(new BatchWriter().record(999 as EventKind, 1))).toThrow(/event kind 999 is not known/);
  });
});
