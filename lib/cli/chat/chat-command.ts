import { type Command, Option } from 'commander';
import { RtmClient } from '../../client/rtm-client.js';
import { buildToken } from '../../server/token.js';
import { alreadyTold, CliError, EXIT, usageError } from '../terminal/failure.js';
import { appCertificateOption, appIdOption, checkHex32, warnOfCertificate } from '../terminal/options.js';
import type { Terminal } from '../terminal/terminal.js';
import { Chat } from './chat.js';
import { ChatLines, type Target } from './chat-lines.js';
import { ChatScreen } from './chat-screen.js';

interface ChatCommandOptions {
  readonly endpoint?: readonly string[] | string;
  readonly appId?: string;
  readonly appCertificate?: string;
  readonly token?: string;
  readonly peer?: string;
  readonly channel?: string;
}

/** Milliseconds that a logout may take before the program ends all the same. */
const LOGOUT_PATIENCE = 3000;

/** `rtm chat`: talks to a peer or a channel from a terminal or a pipe. */
export function addChatCommand(program: Command, terminal: Terminal): void {
  program
    .command('chat')
    .summary('talk to a user or a channel')
    .description(
      'Logs a user in and talks: each line that you type is sent, and what arrives is shown. Behind your own lines, ✓✓ means ' +
        'that the peer has it, ✓ that the channel has it, and ✗ that it was not delivered.',
    )
    .argument('<user>', 'the user to log in as')
    .addOption(new Option('-e, --endpoint <url...>', 'server to use, as printed by "rtm server"').env('RTM_ENDPOINTS'))
    .addOption(appIdOption())
    .addOption(new Option('--token <token>', 'login token').env('RTM_TOKEN'))
    .addOption(appCertificateOption())
    .addOption(new Option('--peer <user>', 'talk to this user').conflicts('channel'))
    .option('--channel <channel>', 'join this channel and talk there')
    .addHelpText(
      'after',
      `
Without --token a token is made with the App certificate, if there is one.
While chatting, /help shows the commands. Ctrl-C, Ctrl-D and the end of a pipe log out.

Examples:
  $ rtm chat alice --peer bob
  $ rtm chat alice --channel lobby
  $ echo "build 17 is ready" | rtm chat ci --channel builds`,
    )
    .action((user: string, options: ChatCommandOptions, command: Command) => {
      warnOfCertificate(command, terminal);
      return runChat(user, options, terminal);
    });
}

async function runChat(user: string, options: ChatCommandOptions, terminal: Terminal): Promise<void> {
  const { appId, endpoint } = options;
  if (endpoint === undefined) throw usageError('which server? Give --endpoint or set RTM_ENDPOINTS');
  if (appId === undefined) throw usageError('which App ID? Give --app-id or set RTM_APP_ID; "rtm server" prints it');
  checkHex32('--app-id', appId);
  checkHex32('--app-certificate', options.appCertificate);
  const token = tokenFor(user, appId, options);
  const { style, interactive } = terminal;

  const stop = new AbortController();
  const stopListening = terminal.onInterrupt(() => stop.abort());
  if (interactive) terminal.print(style.dim(`Logging ${user} in …`));
  const login = RtmClient.login({ appId, userId: user, token, endpoints: endpoint, signal: stop.signal });
  const client = await login.catch((error: unknown) => {
    throw stop.signal.aborted ? new CliError('interrupted', EXIT.interrupted) : error;
  });

  const screen = new ChatScreen(terminal);
  const chat = new Chat(client, screen, new ChatLines(style), interactive);
  const leave = () => {
    chat.stop();
    client.logout().catch(() => {}); // at once: this rejects all pending calls
  };
  stop.signal.addEventListener('abort', leave);
  if (stop.signal.aborted) leave();
  screen.onInterrupt(leave);
  try {
    if (interactive) terminal.print(style.dim('Logged in. /help shows the commands, Ctrl-C logs out.'));
    await chat.open(targetOf(options));
    await chat.run();
    // A script wants to know; a person has seen it.
    if (chat.failed && (!interactive || client.state === 'aborted')) throw alreadyTold();
  } catch (error) {
    if (!chat.stopped) throw error;
  } finally {
    screen.close();
    await client.logout({ timeout: LOGOUT_PATIENCE }).catch(() => {});
    stopListening();
  }
  if (interactive) terminal.print(style.dim('Logged out.'));
}

function tokenFor(user: string, appId: string, { token, appCertificate }: ChatCommandOptions): string {
  if (token !== undefined) return token;
  return appCertificate === undefined ? '' : buildToken({ appId, appCertificate, userId: user });
}

function targetOf({ peer, channel }: ChatCommandOptions): Target | undefined {
  if (channel !== undefined) return { kind: 'channel', id: channel };
  return peer === undefined ? undefined : { kind: 'peer', id: peer };
}
