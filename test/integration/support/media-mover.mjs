// Moves a file of 30 MB to a server and back, nine times at once, and prints by how many bytes the server's process and
// its own grew meanwhile. A child of media-memory.test.ts.
// Usage: node media-mover.mjs <pid of the server> <app id> <token of "mover"> <folder>
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RtmClient } from 'rtm-native';

const [serverPid, appId, token, folder] = process.argv.slice(2);
const file = join(folder, 'body');
writeFileSync(file, '');
const client = await RtmClient.login({ appId, userId: 'mover', token });

/** Moves the file there and back, `count` times at once. @param {number} count @param {number} size bytes */
async function move(count, size) {
  truncateSync(file, size);
  const copies = Array.from({ length: count }, (_, index) => join(folder, `copy-${index}`));
  const messages = await Promise.all(copies.map(() => client.media.upload(file)));
  await Promise.all(messages.map(({ mediaId }, index) => client.media.download(mediaId, { to: copies[index] })));
}

/** Resident bytes of a process. @param {string} pid */
const resident = (pid) => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

await move(9, 1024 * 1024); // what is made once, and what nine connections need
const pids = [serverPid, 'self'];
const before = pids.map(resident);
let most = before;
const timer = setInterval(() => {
  most = most.map((bytes, index) => Math.max(bytes, resident(pids[index] ?? '')));
}, 2);
const grown = () => most.map((bytes, index) => bytes - before[index]);
await move(1, 30 * 1024 * 1024);
const one = grown();
await move(9, 30 * 1024 * 1024);
const nine = grown();
clearInterval(timer);
for (const name of ['copy-0', 'copy-8']) {
  if (!readFileSync(join(folder, name)).equals(readFileSync(file))) throw new Error(`${name} is another body`);
}
await client.logout();
console.log(JSON.stringify({ one, nine }));
