// All systems that are measured, ours first. A module in peers/ is one system:
//
//   name, how              what it is called, and how it is used and why that is fair
//   needs                  { npm: [packages], debian: [{ command, package }] }
//   variants               [{ name, acks, measures, … }]: ways to use it. `acks`: whose acknowledgement a send waits for,
//                          'receiver', 'server' or 'none'. `measures`: those it takes part in
//   startServer(context)   → { address, port, pid?, close() }; `pid` if the server is a program of its own
//   connect(context)       → client, logged in. context: { address, user, variant, folder, tls, light, fresh }; `light`: it
//                          will only receive; `fresh`: no earlier connection may help
//
//   client.onMessage       called with the text of each message to the user
//   client.send(to, text, done?)           `done(error?)` at the acknowledgement, if the variant has one; all sends of a
//                                          stream have the same one
//   client.join(channel, onText)           resolves when every later message will come
//   client.publish(channel, text, done?)   `done` only if it was given and the variant has acknowledgements
//   client.close()
import mqtt from './peers/mqtt.mjs';
import nats from './peers/nats.mjs';
import ours from './peers/ours.mjs';
import raw from './peers/raw.mjs';
import redis from './peers/redis.mjs';
import socketIo from './peers/socket-io.mjs';
import ws from './peers/ws.mjs';
import zeromq from './peers/zeromq.mjs';

export const systems = [ours, nats, redis, mqtt, ws, socketIo, zeromq, raw];

export function systemNamed(name) {
  const system = systems.find((one) => one.name === name);
  if (system === undefined) throw new Error(`there is no system "${name}"`);
  return system;
}

/** The systems that `only` (a comma-separated list, or undefined for all) names. */
export function chosenSystems(only) {
  if (only === undefined) return systems;
  return only.split(',').map((name) => {
    const system = systems.find((one) => one.name === name.trim());
    if (system !== undefined) return system;
    throw new Error(`--only: there is no "${name}"; there are: ${systems.map((one) => one.name).join(', ')}`);
  });
}

/** { system, variant } of all variants that take part in a measure. */
export function variantsOf(chosen, measure) {
  return chosen.flatMap((system) =>
    system.variants.filter(({ measures }) => measures.includes(measure)).map((variant) => ({ system, variant })),
  );
}

/** Those of the systems that take part in one of the measures; ours always may. */
export function systemsFor(chosen, measures) {
  const names = new Set(measures.map(({ name }) => name));
  return chosen.filter(
    (system) => system === ours || system.variants.some((one) => one.measures.some((name) => names.has(name))),
  );
}
