import type { EngineNews } from '../engine.js';
import type { Scoped } from './keys.js';
import type { Settings } from './options.js';
import type { ScriptCalls } from './script-calls.js';

/** The state that the parts of the engine share. */
export interface Core {
  readonly settings: Settings;
  readonly scripts: ScriptCalls;
  readonly news: EngineNews;
  /** `<node id>.<boot>`: the name under which this node holds its lease now. */
  readonly node: string;
  readonly closed: boolean;
  /**
   * Calls a script whose answer does not matter. A failure is logged. The next audit finds and repairs it, unless the
   * session is gone.
   */
  note(user: Scoped, script: string, args: string[], done?: () => void): void;
  /** Whether the lease of that node is over, as far as this node knows. */
  isDead(node: string): boolean;
}
