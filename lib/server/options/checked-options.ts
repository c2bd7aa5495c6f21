import type { NativeServerOptions } from '../../native/environment.js';
import type { Engine } from '../cluster/engine.js';
import type { AdminAccess } from '../http/admin-access.js';
import type { AdminAddress } from '../http/admin-listener.js';
import type { MessageStore } from '../storage/message-store.js';
import type { CalloutSettings } from './callout-options.js';
import type { ClusterOptions } from './cluster-options.js';
import type { ServerLog } from './server-options.js';
import type { GroupName } from './settings.js';

/** The checked options: a part for the core, and the options that stay in JavaScript. */
export interface CheckedServerOptions extends Omit<NativeServerOptions, 'store' | 'engine' | 'callout'> {
  groups: Record<GroupName, Record<string, number>>;
  logSink: ServerLog | undefined;
  admin: AdminAddress | undefined;
  adminAccess: AdminAccess;
  store: MessageStore | undefined;
  /** The data directory. */
  data: string | undefined;
  cluster: ClusterOptions | undefined;
  /** Who is asked about logins and joins. */
  callout: CalloutSettings | undefined;
  clusterEngine: Engine | undefined;
}
