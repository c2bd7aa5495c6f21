import type { LogLevelName } from '../../log-levels.js';

/** The log of an engine: what an operator may want to know, without payloads and tokens. */
export type EngineLog = (level: LogLevelName, message: string) => void;

/** How a node's lease stands. */
export type LeaseState =
  | {
      readonly held: true;
      /** For how long, in milliseconds, the leases of dead nodes have been over, by their names. */
      readonly dead: ReadonlyMap<string, number>;
    }
  | {
      readonly held: false;
      /** Name of the node that holds the lease of this node id, and when that lease ends. */
      readonly holder: string;
      readonly ends: string;
    };

/**
 * The directory of nodes and their leases, which all nodes of a cluster share. Calls reject if the store cannot be
 * asked.
 */
export interface Directory {
  /**
   * Renews the lease of `node`; with `fresh` takes it, if no other node with the same node id lives.
   *
   * @param node - `<node id>.<boot>`
   */
  lease(node: string, fresh: boolean, timeoutMs: number): Promise<LeaseState>;
  /** Ends a lease at once. */
  release(node: string): Promise<void>;
  /** Lets `node` work alone on what `dead` left, for 15 s; false: another node does. */
  claim(dead: string, node: string): Promise<boolean>;
  /** Strikes a dead node, of which nothing is left, and ends the claim on it. */
  forget(dead: string): Promise<void>;
  /** Tells the watchers of all users of a dead node in one partition that these are unreachable. */
  silence(partition: number, dead: string): Promise<void>;
  /** Removes some of what a dead node left in one partition; true: there is more. */
  reap(partition: number, dead: string): Promise<boolean>;
}
