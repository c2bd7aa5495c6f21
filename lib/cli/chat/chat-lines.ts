import type { StateChange } from '../../client/events.js';
import type { ChannelMessage, PeerMessage, PeerSendResult } from '../../client/messages.js';
import { RtmError } from '../../errors.js';
import { explain } from '../terminal/failure.js';
import { clock, hexdump, printable } from '../terminal/printable.js';
import type { Style } from '../terminal/style.js';

/** The receiver of a typed line. */
export type Target = { readonly kind: 'peer'; readonly id: string } | { readonly kind: 'channel'; readonly id: string };

/** `bob`, or `#lobby`. */
export function nameOf(target: Target): string {
  return target.kind === 'channel' ? `#${printable(target.id)}` : printable(target.id);
}

function contentOf(message: PeerMessage | ChannelMessage): string {
  if (message.type === 'text') return printable(message.text);
  const about = message.description === '' ? '' : `${printable(message.description)} `;
  if (message.type === 'raw') return about + hexdump(message.raw);
  const name = message.fileName === '' ? '' : ` ${printable(message.fileName)}`;
  return `${about}[${message.type}${name}, ${message.size} bytes, media id ${printable(message.mediaId)}]`;
}

/** How things look in a chat. */
export class ChatLines {
  readonly #style: Style;
  readonly #now: () => number;

  constructor(style: Style, now: () => number = Date.now) {
    this.#style = style;
    this.#now = now;
  }

  /** A message that arrived. */
  received(message: PeerMessage | ChannelMessage): string {
    const { bold, cyan, dim } = this.#style;
    const where = 'channelId' in message ? `${cyan(`#${printable(message.channelId)}`)} ` : '';
    const missed = 'offline' in message && message.offline ? dim(' (while you were away)') : '';
    return `${dim(clock(message.timestamp))} ${where}${bold(printable(message.from))}${missed}: ${contentOf(message)}`;
  }

  /** A message of one's own, with a tick for what became of it. */
  sent(target: Target, text: string, outcome: PeerSendResult['delivery'] | 'accepted' | 'waiting'): string {
    const { dim, green, yellow } = this.#style;
    const ticks = {
      delivered: green('✓✓'),
      accepted: green('✓'),
      cached: yellow(`✓ stored until ${nameOf(target)} comes back`),
      waiting: dim('… waiting'),
    };
    return `${dim(clock(this.#now()))} ${this.#to(target)}: ${printable(text)} ${ticks[outcome]}`;
  }

  /** A message of one's own that failed. */
  failed(target: Target, text: string, error: unknown): string {
    const { dim, red } = this.#style;
    return `${dim(clock(this.#now()))} ${this.#to(target)}: ${printable(text)} ${red(`✗ ${whyNot(target, error)}`)}`;
  }

  /** Something that happened. */
  notice(text: string): string {
    return this.#style.dim(`${clock(this.#now())} · ${text}`);
  }

  /** Something that went wrong. */
  problem(text: string): string {
    return this.#style.red(`! ${text}`);
  }

  /** A change of the connection worth telling. */
  state({ current, previous, error }: StateChange): string | undefined {
    if (current === 'reconnecting') return this.#style.yellow('! connection lost, trying to get it back …');
    if (current === 'connected' && previous === 'reconnecting') return this.notice('connected again');
    return error ? this.problem(error.message) : undefined;
  }

  #to(target: Target): string {
    return target.kind === 'channel' ? `${this.#style.cyan(nameOf(target))} you` : `you → ${nameOf(target)}`;
  }
}

function whyNot(target: Target, error: unknown): string {
  if (RtmError.is(error, 'ERR_RTM_PEER_UNREACHABLE')) return `${nameOf(target)} is not online`;
  if (RtmError.is(error, 'ERR_RTM_TIMEOUT')) return 'no answer in time; it may still arrive';
  if (RtmError.is(error, 'ERR_RTM_INVALID_MESSAGE')) return 'too long: a message has at most 32 KiB';
  if (RtmError.is(error, 'ERR_RTM_INVALID_USER_ID')) return 'there can be no user of that name';
  if (RtmError.is(error, 'ERR_RTM_TOO_OFTEN')) return 'too many messages in a short time';
  return explain(error);
}
