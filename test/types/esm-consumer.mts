// Compiled, not run, by test/integration/client-types.test.ts: what an ES module sees of the package.
import {
  buildToken,
  type Channel,
  type ChannelAttributeValue,
  type ChannelMessage,
  type ClientState,
  createAppCredentials,
  createRtmService,
  type DownloadOptions,
  type ILocalCallInvitation,
  type IncomingInvitation,
  type InvitationEnd,
  type IRtmCallEventHandler,
  type IRtmServiceEventHandler,
  LOGIN_ERR_CODE,
  type MessageGap,
  type OutgoingInvitation,
  type PeerMessage,
  type PeerSendResult,
  type PresenceState,
  RtmClient,
  RtmError,
  type RtmErrorCode,
  RtmServer,
  type StateChange,
  setRtmServiceContext,
} from 'rtm-native';

const { appId, appCertificate } = createAppCredentials();
await using server = await RtmServer.start({ port: 0, apps: [{ appId, certificate: appCertificate }] });
const token: string = buildToken({ appId, appCertificate, userId: 'alice' });
await using client = await RtmClient.login({ appId, userId: 'alice', token, endpoints: [server.connectString] });

const result: PeerSendResult = await client.sendToPeer('bob', 'text', { offline: true, timeout: 1000 });
const delivery: 'delivered' | 'cached' = result.delivery;
await client.sendToPeer('bob', new Uint8Array(3));
await client.sendToPeer('bob', { raw: Buffer.from('x'), description: 'x' }, { signal: AbortSignal.timeout(1000) });

client.on('state', (change: StateChange) => change.current satisfies ClientState);
client.on('message', (message) => {
  const text: string | undefined = message.text;
  if (message.type === 'raw') message.raw.byteLength.toFixed();
  else if (message.type === 'text') message.text.toUpperCase();
  else message.mediaId.length satisfies number;
  void client.sendToPeer(message.from, message);
  void text;
});
// @ts-expect-error there is no such event, and above all no 'error'
client.on('error', () => {});
// @ts-expect-error a message needs a content
void client.sendToPeer('bob', {});
// @ts-expect-error clients come from login()
new RtmClient();

for await (const message of client.messages({ limit: 10, overflow: 'dropOldest' })) message satisfies PeerMessage;
for await (const item of client.messages({ gaps: true })) {
  if (item.type === 'gap') item satisfies MessageGap;
  else item satisfies PeerMessage;
}
client.on('state', ({ resumed, missed }) => (resumed satisfies boolean) || missed.peer || missed.channels.join());
await client.flush({ timeout: 100 });
await client.sendToPeer('bob', 'soon', { expiresInMs: 1000, offline: true });
const sent: boolean | undefined = new RtmError('ERR_RTM_TIMEOUT', 'late', { sent: false }).sent;
void sent;

const channel: Channel = await client.join('lobby');
channel.on('memberJoined', ({ userId }) => userId.length);
for await (const message of channel.messages()) message satisfies ChannelMessage;
const members: string[] = await channel.members();

client.on('presence', ({ changes }) => changes.every(({ state }) => state satisfies PresenceState));
await client.presence.subscribe(members, { timeout: 1000 });
const states: Map<string, 'online' | 'offline'> = await client.presence.query(members);
await client.attributes.set({ mood: 'fine' });
await client.attributes.merge(new Map([['mood', 'better']]));
const moods: Map<string, string> = await client.attributes.get('bob', ['mood']);
channel.on('attributes', ({ attributes }) => attributes.get('topic')?.updatedBy.length);
await channel.attributes.set({ topic: 'tea' }, { notify: true });
const topics: Map<string, ChannelAttributeValue> = await client.channelAttributes('lobby').get();
const counts: Map<string, number> = await client.memberCounts(['lobby']);
// @ts-expect-error nobody is told of the attributes of users
void client.attributes.set({ mood: 'fine' }, { notify: true });

const image = await client.media.uploadImage('cat.jpg', { onProgress: ({ moved, total }) => (moved / total).toFixed() });
image.width satisfies number;
await client.sendToPeer('bob', { ...image, thumbnail: new Uint8Array(3) });
await channel.send(client.media.fileMessage(image.mediaId, { fileName: 'cat.jpg' }));
const bytes: Buffer = await client.media.download(image.mediaId);
const options: DownloadOptions = { to: process.env['TARGET'] };
const either: Buffer | undefined = await client.media.download(image.mediaId, options);
const written: void = await client.media.download(image.mediaId, { to: 'copy.jpg', timeout: 1000 });
// @ts-expect-error a file has no width
client.media.fileMessage(image.mediaId, { width: 3 });

client.calls.on('invitation', async (invitation: IncomingInvitation) => {
  if (invitation.content === '') await invitation.refuse();
  else await invitation.accept('coming', { timeout: 1000 });
});
const invitation: OutgoingInvitation = await client.calls.invite('bob', { content: 'lunch?', channelId: 'kitchen' });
const end: InvitationEnd = await invitation.ended;
if (end.outcome === 'failed') end.error.code satisfies RtmErrorCode;
// @ts-expect-error only an answer has a response
else if (end.outcome === 'canceled') end.response.length;
const callHandler: IRtmCallEventHandler = {
  onLocalInvitationAccepted: (call: ILocalCallInvitation, response) => call.getContent() + response,
};

try {
  await client.renewToken(token);
} catch (error) {
  if (RtmError.is(error, 'ERR_RTM_TOKEN_EXPIRED')) error.code satisfies RtmErrorCode;
}

const handler: IRtmServiceEventHandler = { onLoginFailure: (code) => code === LOGIN_ERR_CODE.LOGIN_ERR_TIMEOUT };
const service = createRtmService();
const code: number = service.initialize(appId, handler);
// Optional members may be undefined as well: a user's compiler may treat the two differently.
service.sendMessageToPeer('bob', service.createMessage('x'), { enableOfflineMessaging: undefined });
service.clearChannelAttributes('lobby', { enableNotificationToChannelMembers: undefined });
service.queryHistory({ source: 'alice', destination: undefined, startMs: undefined, descending: undefined });
setRtmServiceContext({ areaCode: undefined, proxyType: undefined });
buildToken({ appId, appCertificate, userId: 'alice', expireSeconds: undefined, issuedAt: undefined, salt: undefined });
export { callHandler, code, counts, delivery, members, moods, states, topics };
