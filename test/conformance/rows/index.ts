// All subjects, in the order of docs/conformance.md.

import { channelAttributes, userAttributes } from './attributes.js';
import { calls } from './calls.js';
import { channels, memberRows } from './channels.js';
import { connection, reconnect } from './connection.js';
import { login } from './login.js';
import { media, mediaLimits, mediaMessages, offline } from './media.js';
import { messages } from './messages.js';
import { presence } from './presence.js';
import { rates } from './rates.js';
import type { Subject } from './row.js';
import { context, service } from './service.js';
import { tokens } from './tokens.js';

export const subjects: readonly Subject[] = [
  service,
  context,
  login,
  tokens,
  connection,
  reconnect,
  messages,
  channels,
  memberRows,
  presence,
  userAttributes,
  channelAttributes,
  rates,
  calls,
  media,
  mediaLimits,
  mediaMessages,
  offline,
];
