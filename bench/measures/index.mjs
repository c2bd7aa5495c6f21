import bots from './bots.mjs';
import boundary from './boundary.mjs';
import cluster from './cluster.mjs';
import fanout from './fanout.mjs';
import latency from './latency.mjs';
import login from './login.mjs';
import media, { hasMedia } from './media.mjs';
import peer from './peer.mjs';
import scale from './scale.mjs';
import store from './store.mjs';

/** All measures, in the order of the report. */
export const measures = [
  peer,
  fanout,
  latency,
  login,
  bots,
  scale,
  boundary,
  ...(hasMedia ? [media] : []),
  store,
  cluster,
];
