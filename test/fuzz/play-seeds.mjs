// Writes the seeds of server_fuzz, client_fuzz and bridge_fuzz: plays that a person would write down (plays/), as the
// bytes that the targets read as choices. What runs have found lies beside them, in files named found-*. Where a list of
// a target changes, old seeds become other plays: run node test/fuzz/play-seeds.mjs again.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bridgeSeeds } from './plays/bridge.mjs';
import { clientSeeds } from './plays/client.mjs';
import { serverSeeds } from './plays/server.mjs';

for (const [target, seeds] of Object.entries({
  server_fuzz: serverSeeds(),
  client_fuzz: clientSeeds(),
  bridge_fuzz: bridgeSeeds(),
})) {
  const folder = fileURLToPath(new URL(`seeds/${target}/`, import.meta.url));
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) if (!file.startsWith('found-')) rmSync(`${folder}${file}`);
  for (const [name, bytes] of Object.entries(seeds)) writeFileSync(`${folder}${name}`, Buffer.from(bytes));
  console.log(`${target}: ${Object.keys(seeds).length} seeds`);
}
