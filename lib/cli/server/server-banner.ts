import type { RtmServerTls } from '../../server/options/server-options.js';
import type { RtmServer } from '../../server/rtm-server.js';
import { type AppCredentials, buildToken } from '../../server/token.js';
import type { AppArgument } from '../terminal/options.js';
import { shellWord } from '../terminal/printable.js';
import type { Terminal } from '../terminal/terminal.js';

/** The facts for the banner. */
export interface BannerFacts {
  readonly server: Pick<RtmServer, 'connectString' | 'port' | 'adminUrl' | 'nodeId'>;
  readonly apps: readonly AppArgument[];
  /** Set on a development server, which made them up. */
  readonly credentials: AppCredentials | undefined;
  readonly tls: RtmServerTls | boolean;
  readonly host: string | undefined;
  /** Undefined: everything is in memory. */
  readonly data: string | undefined;
  /** Redis of a cluster, without passwords. */
  readonly engine: string | undefined;
  readonly terminal: Pick<Terminal, 'style' | 'command'>;
}

/** The lines that `rtm server` prints when it is ready. */
export function banner(facts: BannerFacts): string[] {
  const { server, apps, credentials, tls, host, data, engine, terminal } = facts;
  const { bold, dim, yellow } = terminal.style;
  const kind = tls === false ? 'no encryption' : tls === true ? 'TLS, certificate made for this run' : 'TLS';
  const where = host === undefined ? `port ${server.port}` : `${host}, port ${server.port}`;
  const lines = [`${bold('RTM server')} ready on ${where} ${dim(`(${kind})`)}`, ''];
  lines.push(`  connect      ${server.connectString}`);
  if (server.adminUrl !== undefined) lines.push(`  admin        ${server.adminUrl}/healthz, /readyz, /metrics`);
  for (const { appId, certificates } of apps) {
    const mode = certificates.length === 0 ? yellow('  (no certificate: anybody may log in)') : '';
    lines.push(`  App ID       ${appId}${mode}`);
  }
  if (credentials) lines.push(`  certificate  ${credentials.appCertificate}  ${dim('(signs tokens; a secret)')}`);
  if (engine !== undefined) lines.push(`  cluster      node ${server.nodeId}, ${engine}`);
  else lines.push(`  data         ${data ?? `in memory: a restart forgets it ${dim('(--data <folder> keeps it)')}`}`);
  lines.push('');
  if (credentials) lines.push(...tryIt(server.connectString, credentials, terminal), '');
  lines.push(dim('Ctrl-C stops the server.'));
  return lines;
}

/** Lines to paste: each carries a token of its own, so neither needs the certificate. */
function tryIt(endpoint: string, credentials: AppCredentials, { command, style }: BannerFacts['terminal']): string[] {
  const { appId, appCertificate } = credentials;
  const chat = (user: string, peer: string) => {
    const token = buildToken({ appId, appCertificate, userId: user });
    const options = ['--endpoint', endpoint, '--app-id', appId, '--token', token, '--peer', peer];
    return `${command} chat ${user} ${options.map(shellWord).join(' ')}`;
  };
  // Elsewhere npx would look for a package of that name in the registry.
  const where = command.startsWith('npx ') ? ', in this folder' : '';
  return [
    `Try it: paste one line into each of two other terminals${where} (the tokens are good for 24 hours).`,
    '',
    style.cyan(chat('alice', 'bob')),
    '',
    style.cyan(chat('bob', 'alice')),
    '',
    'For your own programs, and for more users:',
    '',
    `export RTM_ENDPOINTS=${shellWord(endpoint)}`,
    `export RTM_APP_ID=${appId}`,
    `export RTM_APP_CERTIFICATE=${appCertificate}`,
  ];
}
