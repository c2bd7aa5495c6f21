// The settings of proto/server-settings.mjs as the generators see them: where each one stands, and what is wrong with it.
import { groups, limits, settings } from '../../proto/server-settings.mjs';
import { pascal, upper } from './names.mjs';

export const source = 'proto/server-settings.mjs';
export const MOST_WORD = 0xffffffff;

/** Settings outside of groups that are whole numbers. */
export const singles = Object.entries(settings)
  .filter(([, { most }]) => most !== undefined)
  .map(([name, setting]) => ({ name, path: name, ...setting }));

/** Settings that are true or false. One with the name of a group says whether there is what the group configures. */
export const flags = Object.entries(settings)
  .filter(([, { type }]) => type === 'bool')
  .map(([name, setting]) => ({ name, path: name, ...setting }));

/** Settings that are one of several words. `member`: of ServerOptions; `type`: the enumeration of its values in C++. */
export const choices = Object.entries(settings)
  .filter(([, { values }]) => values !== undefined)
  .map(([path, setting]) => {
    const type = path
      .split('.')
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join('');
    return { path, ...setting, type, member: type.charAt(0).toLowerCase() + type.slice(1) };
  });

/** The settings of a group, each with its path. */
export const membersOf = (group) =>
  Object.entries(groups[group].settings).map(([name, setting]) => ({ name, path: `${group}.${name}`, ...setting }));

/** All settings that are whole numbers, in groups and alone. */
export const numbers = [...Object.keys(groups).flatMap(membersOf), ...singles];

/** Whether the place of a limit is among the parameters of the engine, and not in the struct Limits. */
export const isEngineParameter = ({ cpp }) => cpp?.startsWith('engineParameters.') ?? false;

/** The place of a limit below ServerOptions. */
export const placeOfLimit = ([name, limit]) => (isEngineParameter(limit) ? limit.cpp : `limits.${limit.cpp ?? name}`);

/** The place of a setting below ServerOptions; undefined if the core does not have it. */
export function placeOf({ name, path, cpp, type }) {
  const group = groups[path.split('.')[0]];
  if (group === undefined) return type && name;
  if (cpp?.includes('.')) return cpp;
  return group.member === undefined ? cpp : `${group.member}.${cpp ?? name}`;
}

/** Members of the struct of a group. */
export const structMembers = (group) =>
  membersOf(group)
    .filter((setting) => placeOf(setting) !== undefined && !setting.cpp?.includes('.'))
    .map((setting) => ({ ...setting, member: setting.cpp ?? setting.name }));

/** `most` where it is a bound of the setting, and not only of its type. */
export const upperBound = ({ most }) => ([MOST_WORD, Number.MAX_SAFE_INTEGER].includes(most) ? undefined : most);

/** The bounds in words; nothing if there are none. */
export function boundsText(setting) {
  const { least } = setting;
  const most = upperBound(setting);
  if (least === undefined) return most === undefined ? '' : `up to ${most}, which 0 stands for`; // a limit
  if (most !== undefined) return `${least} to ${most}`;
  return least > 0 ? `at least ${least}` : '';
}

/** Limits with their paths, in the form of the other settings. */
const limitList = Object.entries(limits).map(([name, limit]) => ({
  path: `limits.${name}`,
  type: 'std::uint32_t',
  byDefault: limit.sdk,
  ...limit,
}));

/** Settings for the engine of a cluster: their names there, their paths among the options, and their defaults. */
export const engineSettings = [...limitList, ...numbers].filter(({ engine }) => engine !== undefined);

/** Defaults of the engine's parameters in C++: the constant of `replay.messages` is kReplayMessages. */
export const engineParameters = [...limitList, ...numbers].filter(isEngineParameter).map((setting) => {
  const [, ...names] = setting.cpp.split('.');
  return { ...setting, name: names.map((name) => pascal(upper(name))).join('') };
});

/** Text of the documentation as plain text. */
export const plain = (text) => text.replaceAll('`', '').replace(/\[(.*?)\]\(.*?\)/g, '$1');

/** What is said of a setting, as the begin of a sentence. */
export function sentence(text) {
  const words = text.replace(/^ms /, 'milliseconds ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** Throws for what would have no effect, or would not be told. */
export function checkSettings() {
  const shown = Object.keys(settings).map((path) => path.split('.')[0]);
  const unshown = Object.keys(groups).find((name) => !shown.includes(name));
  if (unshown !== undefined)
    throw new Error(`${source}: expected "${unshown}.*" in settings, which tells of the group`);
  for (const setting of numbers) {
    if (placeOf(setting) === undefined && setting.engine === undefined && setting.only !== 'command') {
      throw new Error(`${source}: nothing reads ${setting.path}; expected "cpp", "type" or "engine"`);
    }
  }
  for (const { path, engine, only } of [...limitList, ...numbers].filter(isEngineParameter)) {
    if (engine === undefined && only !== 'alone') {
      throw new Error(`${source}: a cluster ignores ${path}; expected its name there ("engine") or only: 'alone'`);
    }
  }
  const profiled = limitList.find((limit) => limit.off !== undefined && (limit.engine || isEngineParameter(limit)));
  if (profiled !== undefined) {
    throw new Error(`${source}: ${profiled.path}: expected no "off", since an engine does not know the profile`);
  }
}
