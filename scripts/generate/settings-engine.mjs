// The settings of a server that the engine of a cluster needs.
import { jsdoc } from './comments.mjs';
import { engineSettings, sentence, source } from './settings-model.mjs';

/** The settings as a tree: a name with a dot stands below another one. */
function treeOf(entries) {
  const tree = {};
  for (const setting of entries) {
    const names = setting.engine.split('.');
    const last = names.pop();
    const at = names.reduce((node, name) => (node[name] ??= {}), tree);
    if (at[last] !== undefined)
      throw new Error(`${source}: two settings have the name ${setting.engine} for an engine`);
    at[last] = setting;
  }
  return tree;
}

const isSetting = (node) => node.engine !== undefined;

/** Members of an object, by a function of a setting and one of the place in the tree. */
const membersText = (node, text, open) =>
  Object.entries(node)
    .map(([name, below]) =>
      isSetting(below) ? text(name, below) : `${open(name)} {\n${membersText(below, text, open)}\n}`,
    )
    .join(open === typed ? ';\n' : ',\n');

const typed = (name) => `readonly ${name}:`;
const valued = (name) => `${name}:`;

/** Where a server's options have the value. */
function givenAt(path) {
  const [group, name] = path.split('.');
  if (name === undefined) return `given.numbers['${path}']`;
  return group === 'limits' ? `given.limits.values['${name}']` : `given.groups['${group}']?.['${name}']`;
}

export function engineSettingFile() {
  const tree = treeOf(engineSettings);
  const optional = (engine) => `given.${engine.replaceAll('.', '?.')}`;
  return {
    path: 'lib/server/cluster/engine-settings.ts',
    source,
    body: [
      '',
      '// The settings of a server that the engine of a cluster needs.',
      '',
      'export interface EngineSettings {',
      membersText(
        tree,
        (name, { about, path }) => `${jsdoc(`${sentence(about)} (\`${path}\`).`)}readonly ${name}: number`,
        typed,
      ),
      '}',
      '',
      '/** Any part of the settings. */',
      'export type Given<T> = { readonly [K in keyof T]?: (T[K] extends number ? T[K] : Given<T[K]>) | undefined };',
      '',
      '/** Fills in the defaults of what is left out or undefined. */',
      'export function completeSettings(given: Given<EngineSettings>): EngineSettings {',
      `  return {\n${membersText(tree, (name, { engine, engineDefault, byDefault }) => `${name}: ${optional(engine)} ?? ${engineDefault ?? byDefault}`, valued)}\n};`,
      '}',
      '',
      '/** The numbers among the options of a server, by the names of their settings. */',
      'export interface GivenNumbers {',
      '  readonly limits: { readonly values: Readonly<Record<string, number>> };',
      '  readonly numbers: Readonly<Record<string, number>>;',
      '  readonly groups: Readonly<Record<string, Readonly<Record<string, number>>>>;',
      '}',
      '',
      '/** Takes the settings of the engine from the options of a server. */',
      'export function engineSettingsOf(given: GivenNumbers): Given<EngineSettings> {',
      `  return {\n${membersText(tree, (name, { path }) => `${name}: ${givenAt(path)}`, valued)}\n};`,
      '}',
    ].join('\n'),
  };
}
