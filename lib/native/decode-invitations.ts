// The events of call invitations; a part of decode.ts.
import type { Decoder } from './decode.js';
import { EventKind, type LocalCallSink, type RemoteCallsSink } from './event-kinds.js';

/** Every event of a caller's invitation. */
export const LOCAL_CALL: Partial<Record<EventKind, Decoder<LocalCallSink>>> = {
  [EventKind.LocalCallReceived]: (_reader, sink) => sink?.onLocalCallReceived(),
  [EventKind.LocalCallCanceled]: (_reader, sink) => sink?.onLocalCallCanceled(),
  [EventKind.LocalCallFailure]: (reader, sink) => {
    const code = reader.word();
    sink?.onLocalCallFailure(code);
  },
  [EventKind.LocalCallAccepted]: (reader, sink) => {
    const response = reader.string();
    sink?.onLocalCallAccepted(response);
  },
  [EventKind.LocalCallRefused]: (reader, sink) => {
    const response = reader.string();
    sink?.onLocalCallRefused(response);
  },
};

/** Every event of the invitations that a call manager receives. */
export const REMOTE_CALLS: Partial<Record<EventKind, Decoder<RemoteCallsSink>>> = {
  [EventKind.RemoteCallReceived]: (reader, sink) => {
    const callerId = reader.user();
    const number = reader.word();
    const content = reader.string();
    const channelId = reader.string();
    sink?.onRemoteCallReceived(number, callerId, content, channelId);
  },
  [EventKind.RemoteCallAccepted]: (reader, sink) => {
    const number = reader.word();
    sink?.onRemoteCallAccepted(number);
  },
  [EventKind.RemoteCallRefused]: (reader, sink) => {
    const number = reader.word();
    sink?.onRemoteCallRefused(number);
  },
  [EventKind.RemoteCallCanceled]: (reader, sink) => {
    const number = reader.word();
    sink?.onRemoteCallCanceled(number);
  },
  [EventKind.RemoteCallFailure]: (reader, sink) => {
    const number = reader.word();
    const code = reader.word();
    sink?.onRemoteCallFailure(number, code);
  },
};
