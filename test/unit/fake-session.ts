// A stand-in for lib/session without addon and network: a test gives the return values and fires the events.
import type { SessionChannelEvents } from '../../lib/session/channel.js';
import type { InvitationEvents } from '../../lib/session/invitations.js';
import type { OutgoingMessage } from '../../lib/session/outgoing.js';
import type { SessionEvents } from '../../lib/session/session-sink.js';

let messageId = 0;

/** What takes messages: a session's events, or a channel's. */
type Receiver = Pick<SessionEvents, 'onMessage'>;

/** Delivers a message as the core would: a text, or bytes with a description. */
function deliver(to: Receiver, from: string, content: string | Uint8Array, description = ''): void {
  if (typeof content === 'string') to.onMessage(from, ++messageId, 1, content, undefined, 0, false);
  else to.onMessage(from, ++messageId, 2, description, Buffer.from(content), 0, false);
}

/** What a test sees of a message that was sent. */
interface Sent {
  readonly id: number;
  readonly text: string;
  readonly raw: Uint8Array | undefined;
  readonly flags: number;
}

export class FakeChannel {
  codes = { join: 0, leave: 0, sendMessage: 0, getMembers: 0 };
  sent: Sent[] = [];
  calls: string[] = [];
  events!: SessionChannelEvents;

  constructor(readonly id: string) {}

  join = () => this.#call('join');
  leave = () => this.#call('leave');
  getMembers = () => this.#call('getMembers');
  release = () => void this.calls.push('release');
  withdrawMessage = () => false;

  sendText(id: number, text: string, flags: number): number {
    this.sent.push({ id, text, raw: undefined, flags });
    return this.#call('sendMessage');
  }

  send({ id, text, raw }: OutgoingMessage, flags: number): number {
    this.sent.push({ id, text, raw, flags });
    return this.#call('sendMessage');
  }

  receive(from: string, content: string): void {
    deliver(this.events, from, content);
  }

  get lastSent(): number {
    return this.sent.at(-1)?.id ?? 0;
  }

  #call(name: keyof typeof this.codes): number {
    this.calls.push(name);
    return this.codes[name];
  }
}

/** Stands for either side's invitation. */
export class FakeInvitation {
  content = '';
  channelId = '';
  response = '';
  isUnanswered = true;
  released = false;
  readonly calleeId: string;
  readonly callerId: string;

  constructor(userId: string) {
    this.calleeId = userId;
    this.callerId = userId;
  }

  release(): void {
    this.released = true;
  }
}

export class FakeInvitations {
  codes = { send: 0, cancel: 0, accept: 0, refuse: 0 };
  calls: string[] = [];
  made: FakeInvitation[] = [];
  events!: { [K in keyof InvitationEvents]: (invitation: FakeInvitation, code?: number) => void };

  create(calleeId: string): FakeInvitation | null {
    if (calleeId === '') return null;
    const invitation = new FakeInvitation(calleeId);
    this.made.push(invitation);
    return invitation;
  }

  send = () => this.#call('send');
  cancel = () => this.#call('cancel');
  answer = (_invitation: FakeInvitation, accept: boolean) => this.#call(accept ? 'accept' : 'refuse');

  /** The callee has answered. */
  answered(invitation: FakeInvitation, how: 'onLocalAccepted' | 'onLocalRefused', response: string): void {
    invitation.response = response;
    this.events[how](invitation);
  }

  #call(name: keyof typeof this.codes): number {
    this.calls.push(name);
    return this.codes[name];
  }
}

export class FakeSession {
  lastFailure = '';
  codes = { initialize: 0, setParameters: 0, setLogFile: 0, login: 0, logout: 0, renewToken: 0, sendMessageToPeer: 0 };
  calls: string[] = [];
  sent: (Sent & { readonly peerId: string })[] = [];
  channels: FakeChannel[] = [];
  parameters: Record<string, unknown> = {};
  events!: SessionEvents;
  readonly made = new FakeInvitations();

  invitations = () => this.made;

  initialize(_appId: string, events: SessionEvents): number {
    this.events = events;
    return this.#call('initialize');
  }

  setParameters(json: string): number {
    this.parameters = JSON.parse(json);
    return this.#call('setParameters');
  }

  nextMessageId = () => ++messageId;

  sendText(peerId: string, id: number, text: string, flags: number): number {
    this.sent.push({ peerId, id, text, raw: undefined, flags });
    return this.#call('sendMessageToPeer');
  }

  send(peerId: string, { id, text, raw }: OutgoingMessage, flags: number): number {
    this.sent.push({ peerId, id, text, raw, flags });
    return this.#call('sendMessageToPeer');
  }

  channel(id: string): FakeChannel | null {
    if (id === '') return null;
    const channel = new FakeChannel(id);
    this.channels.push(channel);
    return channel;
  }

  /** What has left this process cannot be withdrawn. */
  left = true;
  withdraw = () => !this.left;
  withdrawMessage = () => !this.left;
  login = () => this.#call('login');
  logout = () => this.#call('logout');
  renewToken = () => this.#call('renewToken');
  setLogFile = () => this.#call('setLogFile');
  setLogFilter = (filter: number) => void this.calls.push(`setLogFilter ${filter}`);
  setLogFileSize = (kilobytes: number) => void this.calls.push(`setLogFileSize ${kilobytes}`);
  release = () => void this.calls.push('release');

  set referenced(referenced: boolean) {
    this.calls.push(referenced ? 'ref' : 'unref');
  }

  get lastSent(): number {
    return this.sent.at(-1)?.id ?? 0;
  }

  get released(): boolean {
    return this.calls.includes('release');
  }

  receive(from: string, content: string | Uint8Array, description?: string): void {
    deliver(this.events, from, content, description);
  }

  /** The events of a successful login. */
  succeed(): void {
    this.events.onConnectionState(2, 1);
    this.events.onConnectionState(3, 2);
    this.events.onLoginSuccess();
  }

  /** The events of a logout. */
  loggedOut(): void {
    this.events.onLogout(0);
    this.events.onConnectionState(1, 6);
  }

  #call(name: keyof typeof this.codes): number {
    this.calls.push(name);
    return this.codes[name];
  }
}
