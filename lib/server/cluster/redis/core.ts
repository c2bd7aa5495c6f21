import type { EngineNews } from '../engine.js';
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
  /** Whether that node has no lease, as far as this one knows. */
  isDead(node: string): boolean;
}
