import { Command, CommanderError } from 'commander';
import { packageVersion } from '../version.js';
import { addBuildAddonCommand } from './addon/build-addon-command.js';
import { addChatCommand } from './chat/chat-command.js';
import { addDoctorCommand } from './doctor/doctor-command.js';
import { addServerCommand } from './server/server-command.js';
import { EXIT, exitCodeOf, explain } from './terminal/failure.js';
import type { Terminal } from './terminal/terminal.js';
import { addTokenCommand } from './token-command.js';
import { addTopCommand } from './top/top-command.js';

/** Builds the command line. */
export function makeProgram(terminal: Terminal): Command {
  const program = new Command('rtm')
    .description(
      'Self-hosted real-time messaging: a server, login tokens, a chat to try it, and a doctor that finds out why a login fails.',
    )
    .version(packageVersion, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(true)
    .configureOutput({
      writeOut: (text) => terminal.print(asTyped(text.trimEnd(), terminal.command)),
      writeErr: (text) => terminal.warn(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: /, 'rtm: ')),
    })
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError('Try --help for more.')
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  $ rtm server                          a development server, with lines to paste
  $ rtm chat alice --peer bob           talk to bob
  $ rtm token --user alice              a login token for alice
  $ rtm doctor                          what is wrong with the way to a server
  $ rtm top                             who takes the memory of a server
  $ rtm <command> --help                more about a command`,
    );
  addServerCommand(program, terminal);
  addTokenCommand(program, terminal);
  addChatCommand(program, terminal);
  addDoctorCommand(program, terminal);
  addTopCommand(program, terminal);
  addBuildAddonCommand(program, terminal);
  return program;
}

/** The examples of a help text as a user types them in a project that has the package: `npx rtm server`. */
function asTyped(text: string, command: string): string {
  if (!command.startsWith('npx ')) return text;
  return text.replaceAll(/\brtm(?= (?:server|token|chat|doctor|top|build-addon|<command>|\[))/g, command);
}

/** Runs one command line. Returns the exit code; says on the error output, in one line, what went wrong. */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await makeProgram(terminal).parseAsync(args, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    // Commander has written its message (or the help) already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const message = explain(error);
    if (message !== '') terminal.warn(`rtm: ${message}`);
    return exitCodeOf(error);
  }
}
