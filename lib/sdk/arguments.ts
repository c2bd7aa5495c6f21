// Checks of arguments before they cross. What the C++ call can judge (length, characters, state) is left to it.
import { invalidArgType } from '../errors.js';
import { MESSAGE_TYPE } from './enums.js';
import { RtmMessage } from './message.js';
import type { SendMessageOptions } from './structs.js';

/** A C string: `null` is a null pointer. */
export function nullableText(value: unknown, name: string): asserts value is string | null {
  if (typeof value !== 'string' && value !== null) throw invalidArgType(name, 'a string', value);
}

/** An `int` of the C++ call. */
export function integer(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value !== (value | 0)) {
    throw invalidArgType(name, 'a 32-bit integer', value);
  }
  return value;
}

/** Bits of the flags word of a send; `cpp/binding/service_calls.cpp` has the same. */
const OFFLINE = 1;
const HISTORY = 2;

/** The two options as bits. */
export function sendFlags(options: SendMessageOptions | undefined): number {
  if (options === undefined) return 0;
  if (typeof options !== 'object' || options === null) throw invalidArgType('options', 'an object', options);
  const { enableOfflineMessaging = false, enableHistoricalMessaging = false } = options;
  if (typeof enableOfflineMessaging !== 'boolean') {
    throw invalidArgType('options.enableOfflineMessaging', 'a boolean', enableOfflineMessaging);
  }
  if (typeof enableHistoricalMessaging !== 'boolean') {
    throw invalidArgType('options.enableHistoricalMessaging', 'a boolean', enableHistoricalMessaging);
  }
  return (enableOfflineMessaging ? OFFLINE : 0) | (enableHistoricalMessaging ? HISTORY : 0);
}

/** What crosses of a message. Type 0 stands for a null pointer. */
export interface Sendable {
  readonly id: number;
  readonly type: number;
  readonly text: string;
  readonly raw: Uint8Array | undefined;
}

const NULL_MESSAGE: Sendable = { id: 0, type: MESSAGE_TYPE.MESSAGE_TYPE_UNDEFINED, text: '', raw: undefined };

export function sendable(message: RtmMessage | null): Sendable {
  if (message === null) return NULL_MESSAGE;
  if (!(message instanceof RtmMessage)) throw invalidArgType('message', 'an RtmMessage', message);
  return {
    id: message.getMessageId(),
    type: message.getMessageType(),
    text: message.getText(),
    raw: message.getRawMessageData() ?? undefined,
  };
}
