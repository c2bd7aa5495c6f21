import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEER_MESSAGE_ERR_CODE } from '../../lib/enums.js';
import { HISTORY_ERR_CODE } from '../../lib/own-codes.js';
import type { HistoryMessage } from '../../lib/sdk/history.js';
import { AGORA_RTM_ENDCALL_PREFIX, type RtmMessage } from '../../lib/sdk/message.js';
import type { RtmServer } from '../../lib/server/rtm-server.js';
import { newBot, newService, startServer } from './sdk-world.js';

const { PEER_MESSAGE_ERR_CACHED_BY_SERVER } = PEER_MESSAGE_ERR_CODE;

let server: RtmServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

describe('a message for an offline user', () => {
  it('is CACHED_BY_SERVER and comes after onLoginSuccess, marked', async () => {
    const alice = await newBot(server);
    const message = alice.service.createMessage('for later');
    const result = alice.events.next('onSendMessageResult');
    expect(alice.service.sendMessageToPeer('late', message, { enableOfflineMessaging: true })).toBe(0);
    expect(await result).toEqual([message.getMessageId(), PEER_MESSAGE_ERR_CACHED_BY_SERVER]);

    const late = newService(server);
    const arrival = late.events.next('onMessageReceivedFromPeer');
    expect(late.service.login(null, 'late')).toBe(0);
    const [from, received] = (await arrival) as [string, RtmMessage];
    expect([from, received.getText(), received.isOfflineMessage()]).toEqual([alice.user, 'for later', true]);
    expect(received.getMessageId()).toBe(message.getMessageId());
    expect(Math.abs(received.getServerReceivedTs() - Date.now())).toBeLessThan(10_000);
    const names = late.events.names();
    expect(names.indexOf('onLoginSuccess')).toBeLessThan(names.indexOf('onMessageReceivedFromPeer'));
  });
});

describe('queryHistory', () => {
  it('gives the messages and their number', async () => {
    const alice = await newBot(server);
    const sent = alice.events.next('onSendMessageResult');
    const options = { enableOfflineMessaging: true, enableHistoricalMessaging: true };
    alice.service.sendMessageToPeer('nobody', alice.service.createMessage('a\0b'), options);
    await sent;
    const answer = alice.events.next('onHistoryQueryResult');
    const { code, requestId } = alice.service.queryHistory({ source: alice.user });
    expect(code).toBe(HISTORY_ERR_CODE.HISTORY_ERR_OK);
    const [id, messages, total, outcome] = (await answer) as [number, HistoryMessage[], number, number];
    expect([id, total, outcome]).toEqual([requestId, 1, HISTORY_ERR_CODE.HISTORY_ERR_OK]);
    expect(messages).toEqual([
      {
        source: alice.user,
        destination: 'nobody',
        channel: false,
        serverReceivedTs: expect.any(Number),
        text: 'a\0b',
      },
    ]);
  });

  it('answers refusals with their codes', async () => {
    const { service } = newService(server);
    expect(service.queryHistory({ source: 'x' }).code).toBe(HISTORY_ERR_CODE.HISTORY_ERR_USER_NOT_LOGGED_IN);
    const alice = await newBot(server);
    expect(alice.service.queryHistory({}).code).toBe(HISTORY_ERR_CODE.HISTORY_ERR_INVALID_ARGUMENT);
    expect(() => alice.service.queryHistory({ limit: '20' } as never)).toThrow(TypeError);
    expect(() => alice.service.queryHistory(null as never)).toThrow(TypeError);
    const answer = alice.events.next('onHistoryQueryResult');
    const { requestId } = alice.service.queryHistory({ source: 'somebody else' });
    expect(await answer).toEqual([requestId, [], 0, HISTORY_ERR_CODE.HISTORY_ERR_NOT_ALLOWED]);
  });
});

it('a text with the end-call prefix of the Signaling SDK is a text like any other', async () => {
  const surface = readFileSync(new URL('../fixtures/api-surface.json', import.meta.url), 'utf8');
  expect(surface).toContain(JSON.stringify(JSON.stringify(AGORA_RTM_ENDCALL_PREFIX)));
  const [alice, bob] = await Promise.all([newBot(server), newBot(server)]);
  const arrival = bob.events.next('onMessageReceivedFromPeer');
  const text = `${AGORA_RTM_ENDCALL_PREFIX}_lobby_`;
  alice.service.sendMessageToPeer(bob.user, alice.service.createMessage(text));
  expect(((await arrival)[1] as RtmMessage).getText()).toBe(text);
});
