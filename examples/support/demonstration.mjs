// Partners for the porting examples: each begins a conversation that needs two sides, and returns the arguments of one side,
// <app id> <user> <token> <peer>, as somebody would type them.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { RtmClient } from 'rtm-native';
import { openProject } from './project.mjs';

const USER = 'bob';
const PARTNER = 'alice';

/** The partner is a client in this process: it greets, listens, and says "bye". */
export async function beginWithPartner() {
  const project = await beginProject();
  const { appId, endpoints, tokenOf } = project;
  const partner = await RtmClient.login({ appId, endpoints, userId: PARTNER, token: tokenOf(PARTNER) });
  const lobby = await partner.join('lobby');
  converse(partner, lobby).catch((error) => {
    console.error(`${PARTNER}: ${error.message}`);
    process.exit(1);
  });
  return argumentsOf(project, USER, PARTNER);
}

async function converse(partner, lobby) {
  for await (const { from } of partner.messages()) if (from === USER) break; // the greeting
  for await (const { from } of lobby.messages()) if (from === USER) break;
  await lobby.send(`welcome, ${USER}`);
  await partner.sendToPeer(USER, 'how are you?');
  for await (const { text } of partner.messages()) if (text === 'echo: how are you?') break;
  await partner.sendToPeer(USER, 'bye');
  await partner.logout();
}

/** The partner is the same program once more, in a process of its own; its lines are shown behind its name. */
export async function beginWithSecondProgram(url) {
  const project = await beginProject();
  const args = [fileURLToPath(url), ...argumentsOf(project, PARTNER, USER)];
  const partner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: partner.stdout }).on('line', (line) => console.log(`${' '.repeat(50)}${line}`));
  partner.once('exit', (code) => {
    if (code === 0) return;
    console.error(`${PARTNER}'s program ended with ${code}`);
    process.exit(1);
  });
  return argumentsOf(project, USER, PARTNER);
}

async function beginProject() {
  const project = await openProject();
  process.env.RTM_ENDPOINTS = project.endpoints; // where programs with the C++ names look for the server
  const { own } = project;
  console.log(own ? 'No arguments: here are a server and a partner.' : `The server is ${project.endpoints}`);
  return project;
}

const argumentsOf = ({ appId, tokenOf }, user, peer) => [appId, user, tokenOf(user) ?? '', peer];
