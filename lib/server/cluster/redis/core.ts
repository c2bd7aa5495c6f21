import type { EngineNews } from '../engine.js';
import type { Scoped } from './keys.js';
import type { Settings } from './options.js';
import type { ScriptCalls } from './script-calls.js';

/** What the parts of the engine share. */
export interface Core {
  readonly settings: Settings;
  readonly scripts: ScriptCalls;
  readonly news: EngineNews;
  /** `<node id>.<boot>`, as whom this node holds its lease now. */
  readonly node: string;
  readonly closed: boolean;
  /**
   * Calls a script whose answer does not matter. What fails is logged; it is found and mended by the next audit, or was
   * for a session that is long gone.
   */
  note(user: Scoped, script: string, args: string[], done?: () => void): void;
  /** Whether that node has no lease, as far as this one knows. */
  isDead(node: string): boolean;
}
