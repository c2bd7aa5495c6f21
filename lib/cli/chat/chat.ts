import type { Channel } from '../../client/channel.js';
import type { RtmClient } from '../../client/rtm-client.js';
import { explain } from '../terminal/failure.js';
import { printable } from '../terminal/printable.js';
import { CHAT_HELP, type ChatInput, parseChatInput } from './chat-input.js';
import { type ChatLines, nameOf, type Target } from './chat-lines.js';

/** The screen and keyboard of a chat. */
export interface ChatView {
  lines(): AsyncIterable<string>;
  setPrompt(prompt: string): void;
  print(line: string): void;
  close(): void;
}

/** Milliseconds after which a sent message is shown although its result is not known. */
const PATIENCE = 500;

/** One user's conversation in a terminal or a pipe. */
export class Chat {
  readonly #client: RtmClient;
  readonly #view: ChatView;
  readonly #lines: ChatLines;
  /** A person types: what is typed next does not wait for the result of what was typed before. */
  readonly #interactive: boolean;
  readonly #channels = new Map<string, Channel>();
  readonly #sending = new Set<Promise<void>>();
  #target: Target | undefined;
  #failed = false;
  #stopped = false;

  constructor(client: RtmClient, view: ChatView, lines: ChatLines, interactive: boolean) {
    this.#client = client;
    this.#view = view;
    this.#lines = lines;
    this.#interactive = interactive;
    client.on('message', (message) => {
      this.#view.print(this.#lines.received(message));
      if (this.#target === undefined) this.#talkTo({ kind: 'peer', id: message.from });
    });
    client.on('state', (change) => {
      const line = this.#lines.state(change);
      if (line !== undefined) this.#view.print(line);
      if (change.current !== 'aborted') return;
      this.#failed = true;
      this.#view.close();
    });
  }

  /** True if something that was asked for did not work. */
  get failed(): boolean {
    return this.#failed;
  }

  /** True after {@link stop}. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Begins to talk to a peer or a channel. Rejects if the channel cannot be joined. */
  async open(target: Target | undefined): Promise<void> {
    if (target?.kind === 'channel') await this.#join(target.id);
    else if (target) this.#talkTo(target);
    else this.#talkTo(undefined);
  }

  /** Does what is typed until the end of input or `/quit`; then waits for what is still being sent. */
  async run(): Promise<void> {
    for await (const line of this.#view.lines()) {
      if (this.#stopped) break;
      const input = parseChatInput(line);
      if (input.kind === 'quit') break;
      try {
        await this.#do(input);
      } catch (error) {
        this.#problem(explain(error));
      }
    }
    this.#view.close();
    if (!this.#stopped) await Promise.all(this.#sending);
  }

  /** Ends {@link run} now, without waiting for what is still being sent. */
  stop(): void {
    this.#stopped = true;
    this.#view.close();
  }

  async #do(input: Exclude<ChatInput, { kind: 'quit' }>): Promise<void> {
    switch (input.kind) {
      case 'nothing':
        return;
      case 'say':
        return this.#say(input.text);
      case 'peer':
        return this.#talkTo({ kind: 'peer', id: input.userId });
      case 'join':
        return this.#join(input.channelId);
      case 'leave':
        return this.#leave(input.channelId);
      case 'members':
        return this.#members();
      case 'help':
        for (const line of CHAT_HELP) this.#view.print(line);
        return;
      case 'mistake':
        this.#problem(input.message);
    }
  }

  async #say(text: string): Promise<void> {
    if (this.#target === undefined) {
      this.#problem('to whom? /peer <user> or /join <channel>');
      return;
    }
    const sending = this.#send(this.#target, text);
    this.#sending.add(sending);
    void sending.finally(() => this.#sending.delete(sending));
    if (!this.#interactive) await sending;
  }

  async #send(target: Target, text: string): Promise<void> {
    const waiting = setTimeout(() => this.#view.print(this.#lines.sent(target, text, 'waiting')), PATIENCE);
    try {
      const outcome = await this.#deliver(target, text);
      this.#view.print(this.#lines.sent(target, text, outcome));
    } catch (error) {
      if (this.#stopped) return; // given up by the user
      this.#failed = true;
      this.#view.print(this.#lines.failed(target, text, error));
    } finally {
      clearTimeout(waiting);
    }
  }

  async #deliver(target: Target, text: string): Promise<'delivered' | 'cached' | 'accepted'> {
    if (target.kind === 'peer') return (await this.#client.sendToPeer(target.id, text)).delivery;
    const channel = this.#channels.get(target.id) ?? (await this.#enter(target.id));
    await channel.send(text);
    return 'accepted';
  }

  async #join(channelId: string): Promise<void> {
    if (!this.#channels.has(channelId)) await this.#enter(channelId);
    this.#talkTo({ kind: 'channel', id: channelId });
  }

  async #enter(channelId: string): Promise<Channel> {
    const channel = await this.#client.join(channelId);
    this.#channels.set(channelId, channel);
    const name = nameOf({ kind: 'channel', id: channelId });
    channel.on('message', (message) => this.#view.print(this.#lines.received(message)));
    channel.on('memberJoined', ({ userId }) => this.#notice(`${printable(userId)} joined ${name}`));
    channel.on('memberLeft', ({ userId }) => this.#notice(`${printable(userId)} left ${name}`));
    channel.on('left', ({ reason }) => {
      this.#channels.delete(channelId);
      if (reason === 'kicked') this.#problem(`the server removed you from ${name}`);
    });
    const members = await channel.members();
    this.#notice(`you joined ${name}: ${members.length === 1 ? 'nobody else is there' : list(members)}`);
    return channel;
  }

  async #leave(channelId: string | undefined): Promise<void> {
    const id = channelId ?? (this.#target?.kind === 'channel' ? this.#target.id : undefined);
    const channel = id === undefined ? undefined : this.#channels.get(id);
    if (!channel) {
      this.#problem(id === undefined ? 'you are not talking in a channel' : `you are not in #${printable(id)}`);
      return;
    }
    await channel.leave();
    this.#notice(`you left ${nameOf({ kind: 'channel', id: channel.id })}`);
    if (this.#target?.kind === 'channel' && this.#target.id === channel.id) this.#talkTo(undefined);
  }

  async #members(): Promise<void> {
    const channel = this.#target?.kind === 'channel' ? this.#channels.get(this.#target.id) : undefined;
    if (channel) this.#notice(list(await channel.members()));
    else this.#problem('you are not talking in a channel');
  }

  #talkTo(target: Target | undefined): void {
    this.#target = target;
    this.#view.setPrompt(target ? `${nameOf(target)}> ` : '> ');
  }

  #notice(text: string): void {
    this.#view.print(this.#lines.notice(text));
  }

  #problem(text: string): void {
    this.#failed = true;
    this.#view.print(this.#lines.problem(text));
  }
}

function list(users: readonly string[]): string {
  return [...users].sort().map(printable).join(', ');
}
