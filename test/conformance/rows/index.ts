// All subjects, in the order of docs/conformance.md.
import { connection, reconnect } from './connection.js';
import { channels, memberRows } from './channels.js';
import { login } from './login.js';
import { messages } from './messages.js';
import { presence } from './presence.js';
import type { Subject } from './row.js';
import { context, service } from './service.js';
import { tokens } from './tokens.js';

export const subjects: readonly Subject[] = [service, context, login, tokens, connection, reconnect, messages, channels, memberRows, presence];
