// A stand-in for lib/sdk/service.ts without addon and network: a test gives the return values and fires the callbacks.
import type { IRtmCallEventHandler } from '../../lib/sdk/calls.js';
import type { IChannelEventHandler, IRtmServiceEventHandler } from '../../lib/sdk/handlers.js';
import { RtmChannelMember } from '../../lib/sdk/member.js';
import { messageOf, type RtmMessage } from '../../lib/sdk/message.js';

let messageId = 0;

/** Makes a message as a callback would carry it. */
export function received(content: string | Uint8Array, description = ''): RtmMessage {
  return typeof content === 'string' ? messageOf(++messageId, content) : messageOf(++messageId, content, description);
}

export class FakeChannel {
  codes = { join: 0, leave: 0, sendMessage: 0, getMembers: 0 };
  sent: RtmMessage[] = [];
  calls: string[] = [];
  handler: Required<IChannelEventHandler>;

  constructor(
    readonly id: string,
    handler: IChannelEventHandler,
  ) {
    this.handler = handler as Required<IChannelEventHandler>;
  }

  join = () => this.#call('join');
  leave = () => this.#call('leave');
  getMembers = () => this.#call('getMembers');
  release = () => void this.calls.push('release');

  sendMessage(message: RtmMessage): number {
    this.sent.push(message);
    return this.#call('sendMessage');
  }

  get lastSent(): number {
    return this.sent.at(-1)?.getMessageId() ?? 0;
  }

  member(userId: string): RtmChannelMember {
    return new RtmChannelMember(userId, this.id);
  }

  #call(name: keyof typeof this.codes): number {
    this.calls.push(name);
    return this.codes[name];
  }
}

/** Stands for either side's invitation of the SDK. */
export class FakeInvitation {
  content = '';
  channelId = '';
  response = '';
  state = 1;
  released = false;

  constructor(readonly userId: string) {}

  getCalleeId = () => this.userId;
  getCallerId = () => this.userId;
  getContent = () => this.content;
  getChannelId = () => this.channelId;
  getResponse = () => this.response;
  getState = () => this.state;

  setContent(text: string): void {
    this.content = text;
  }
  setChannelId(id: string): void {
    this.channelId = id;
  }
  setResponse(text: string): void {
    this.response = text;
  }
  release(): void {
    this.released = true;
  }
}

export class FakeCallManager {
  codes = { send: 0, cancel: 0, accept: 0, refuse: 0 };
  calls: string[] = [];
  made: FakeInvitation[] = [];
  handler!: Required<{
    [K in keyof IRtmCallEventHandler]: (invitation: FakeInvitation, more?: unknown) => void;
  }>;

  createLocalCallInvitation(calleeId: string): FakeInvitation | null {
    if (calleeId === '') return null;
    const invitation = new FakeInvitation(calleeId);
    this.made.push(invitation);
    return invitation;
  }

  sendLocalInvitation = () => this.#call('send');
  cancelLocalInvitation = () => this.#call('cancel');
  acceptRemoteInvitation = () => this.#call('accept');
  refuseRemoteInvitation = () => this.#call('refuse');

  #call(name: keyof typeof this.codes): number {
    this.calls.push(name);
    return this.codes[name];
  }
}

export class FakeService {
  lastFailure = '';
  codes = { initialize: 0, setParameters: 0, setLogFile: 0, login: 0, logout: 0, renewToken: 0, sendMessageToPeer: 0 };
  calls: string[] = [];
  sent: { peerId: string; message: RtmMessage; options: unknown }[] = [];
  channels: FakeChannel[] = [];
  parameters: Record<string, unknown> = {};
  handler!: Required<IRtmServiceEventHandler>;
  manager = new FakeCallManager();

  getRtmCallManager(handler: IRtmCallEventHandler): FakeCallManager {
    this.manager.handler = handler as never;
    return this.manager;
  }

  initialize(_appId: string, handler: IRtmServiceEventHandler): number {
    this.handler = handler as Required<IRtmServiceEventHandler>;
    return this.#call('initialize');
  }

  setParameters(json: string): number {
    this.parameters = JSON.parse(json);
    return this.#call('setParameters');
  }

  sendMessageToPeer(peerId: string, message: RtmMessage, options: unknown): number {
    this.sent.push({ peerId, message, options });
    return this.#call('sendMessageToPeer');
  }

  createChannel(id: string, handler: IChannelEventHandler): FakeChannel | null {
    if (id === '') return null;
    const channel = new FakeChannel(id, handler);
    this.channels.push(channel);
    return channel;
  }

  createMessage(content: string | Uint8Array, description?: string): RtmMessage {
    return messageOf(++messageId, content, description);
  }

  login = () => this.#call('login');
  logout = () => this.#call('logout');
  renewToken = () => this.#call('renewToken');
  setLogFile = () => this.#call('setLogFile');
  setLogFilter = (filter: number) => void this.calls.push(`setLogFilter ${filter}`);
  setLogFileSize = (kilobytes: number) => void this.calls.push(`setLogFileSize ${kilobytes}`);
  release = () => void this.calls.push('release');
  ref = () => void this.calls.push('ref');
  unref = () => void this.calls.push('unref');

  get lastSent(): number {
    return this.sent.at(-1)?.message.getMessageId() ?? 0;
  }

  get released(): boolean {
    return this.calls.includes('release');
  }

  /** What the SDK reports for a login that works. */
  succeed(): void {
    this.handler.onConnectionStateChanged(2, 1);
    this.handler.onConnectionStateChanged(3, 2);
    this.handler.onLoginSuccess();
  }

  /** What the SDK reports for a logout. */
  loggedOut(): void {
    this.handler.onLogout?.(0);
    this.handler.onConnectionStateChanged(1, 6);
  }

  #call(name: keyof typeof this.codes): number {
    this.calls.push(name);
    return this.codes[name];
  }
}
