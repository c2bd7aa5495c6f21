import { type Command, Option } from 'commander';
import { buildToken } from '../server/token.js';
import { usageError } from './terminal/failure.js';
import {
  appCertificateOption,
  appIdOption,
  checkHex32,
  integerArgument,
  warnOfCertificate,
} from './terminal/options.js';
import type { Terminal } from './terminal/terminal.js';

interface TokenOptions {
  readonly appId?: string;
  readonly appCertificate?: string;
  readonly user?: string;
  readonly expire: number;
}

/** `rtm token`: prints a token, and nothing else, so that `$(rtm token …)` works. */
export function addTokenCommand(program: Command, terminal: Terminal): void {
  program
    .command('token')
    .summary('make a login token')
    .description('Prints a login token for one user, in format 007, and nothing else.')
    .addOption(appIdOption())
    .addOption(appCertificateOption())
    .option('-u, --user <id>', 'the user that the token is for (always needed)')
    .addOption(
      new Option('--expire <seconds>', 'how long the token is valid; 24 hours at most')
        .default(86400)
        .argParser(integerArgument(1, 86400)),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ RTM_APP_ID=<id> RTM_APP_CERTIFICATE=<certificate> rtm token --user alice
  $ RTM_TOKEN=$(rtm token --user alice --expire 3600) rtm chat alice --peer bob`,
    )
    .action(({ appId, appCertificate, user, expire }: TokenOptions, command: Command) => {
      warnOfCertificate(command, terminal);
      if (user === undefined) throw usageError('for which user? Give --user');
      if (appId === undefined) throw usageError('which App ID? Give --app-id or set RTM_APP_ID');
      if (appCertificate === undefined) {
        throw usageError('which App certificate? Give --app-certificate or set RTM_APP_CERTIFICATE');
      }
      checkHex32('--app-id', appId);
      checkHex32('--app-certificate', appCertificate);
      terminal.print(buildToken({ appId, appCertificate, userId: user, expireSeconds: expire }));
    });
}
