// Runs a program beside a server that asks for no tokens; RTM_ENDPOINTS names it. "{appId}" in the arguments becomes its App ID.
// Usage: beside-server.mjs <program> <argument>...
import { spawn } from 'node:child_process';

const { createAppCredentials, RtmServer } = await import('rtm-native');
const { appId } = createAppCredentials();
const server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps: [{ appId }] });
const [program, ...args] = process.argv.slice(2).map((word) => word.replace('{appId}', appId));
const child = spawn(program, args, {
  stdio: 'inherit',
  env: { ...process.env, RTM_ENDPOINTS: server.connectString },
});
process.exitCode = await new Promise((resolve) => {
  child.on('error', (error) => {
    console.error(`${program}: ${error.message}`);
    resolve(1);
  });
  child.on('exit', (code) => resolve(code ?? 1));
});
await server.close();
