// The rules of an app: which action whom, checked before they cross to the matcher (cpp/server/permissions).
import { checkObject, checkStrings } from '../../checks.js';
import { invalidArgType, invalidArgValue } from '../../errors.js';
import type { NativeRule } from '../../native/environment.js';
import { ACTIONS_WITHOUT_ROLES, CHANNEL_ACTIONS, RULE_ACTIONS, RULE_BOUNDS, USER_ACTIONS } from './rule-actions.js';

const { rules: MOST_RULES, patterns: MOST_PATTERNS, patternBytes: MOST_BYTES, roles: MOST_ROLES } = RULE_BOUNDS;

/** The characters of ids (cpp/base/identifiers.cpp). */
const ID = 'a-zA-Z0-9 !#$%&()+\\-:;<=.>?@[\\]^_{}|~,';
const PATTERN = new RegExp(`^(?:[${ID}*]|/me)+$`);
const ROLE = new RegExp(`^[${ID}]{1,64}$`);

export const PATTERN_TEXT = `1 to ${MOST_BYTES} characters of ids, *, and /me once`;
export const ROLE_TEXT = '1 to 64 characters of ids';

export const isPattern = (text: string): boolean =>
  text.length <= MOST_BYTES && PATTERN.test(text) && text.split('/me').length <= 2;
export const isRole = (text: string): boolean => ROLE.test(text) && text !== 'null';

/** The lists of a rule besides its actions, and the actions that each can narrow. */
const LISTS = {
  channels: { fits: isPattern, expected: PATTERN_TEXT, actions: CHANNEL_ACTIONS },
  users: { fits: isPattern, expected: PATTERN_TEXT, actions: RULE_ACTIONS },
  to: { fits: isPattern, expected: PATTERN_TEXT, actions: USER_ACTIONS },
  roles: {
    fits: isRole,
    expected: ROLE_TEXT,
    actions: RULE_ACTIONS.filter((action) => !(ACTIONS_WITHOUT_ROLES as readonly string[]).includes(action)),
  },
} as const;
type ListName = keyof typeof LISTS;
const LIST_NAMES = Object.keys(LISTS) as ListName[];

function checkList(rule: Record<string, unknown>, list: ListName, name: string): string[] {
  const { fits, expected } = LISTS[list];
  const { [list]: value = [] } = rule;
  const texts = checkStrings(value, `${name}.${list}`);
  const wrong = texts.findIndex((each) => !fits(each));
  if (wrong !== -1) throw invalidArgValue(`${name}.${list}[${wrong}]`, expected, JSON.stringify(texts[wrong]));
  return [...texts];
}

/** A rule that could never concern one of its actions would look like a protection and be none. */
function checkActions(value: unknown, name: string, given: readonly ListName[]): string[] {
  const actions = checkStrings(value, name);
  if (actions.length === 0) throw invalidArgValue(name, 'at least one action', 'an empty array');
  const fitting = RULE_ACTIONS.filter((action) =>
    given.every((list) => (LISTS[list].actions as readonly string[]).includes(action)),
  );
  const wrong = actions.findIndex((each) => !(fitting as readonly string[]).includes(each));
  if (wrong === -1) return [...actions];
  const beside = given.length === 0 ? '' : ` beside ${given.join(' and ')}`;
  const one = fitting.length === 0 ? 'no action' : `one of ${fitting.join(', ')}`;
  throw invalidArgValue(`${name}[${wrong}]`, `${one}${beside}`, JSON.stringify(actions[wrong]));
}

function checkRule(value: unknown, name: string): NativeRule {
  const rule = checkObject(value, name, ['allow', 'deny', ...LIST_NAMES]);
  const { allow, deny } = rule;
  if ((allow === undefined) === (deny === undefined)) {
    throw invalidArgValue(name, 'either "allow" or "deny"', allow === undefined ? 'none of them' : 'both');
  }
  const checked = {
    channels: checkList(rule, 'channels', name),
    users: checkList(rule, 'users', name),
    to: checkList(rule, 'to', name),
    roles: checkList(rule, 'roles', name),
  };
  const given = LIST_NAMES.filter((list) => checked[list].length > 0);
  const actions =
    allow === undefined ? checkActions(deny, `${name}.deny`, given) : checkActions(allow, `${name}.allow`, given);
  return { allow: allow !== undefined, actions, ...checked };
}

/** Checks the rules of an app. Throws {@link ArgumentError} with the place of what is wrong. */
export function checkRules(value: unknown, name: string): NativeRule[] {
  if (!Array.isArray(value)) throw invalidArgType(name, 'an array of rules', value);
  if (value.length > MOST_RULES) throw invalidArgValue(name, `at most ${MOST_RULES} rules`, String(value.length));
  const rules = value.map((each, index) => checkRule(each, `${name}[${index}]`));
  const patterns = rules.reduce((sum, { channels, users, to }) => sum + channels.length + users.length + to.length, 0);
  if (patterns > MOST_PATTERNS) throw invalidArgValue(name, `at most ${MOST_PATTERNS} patterns`, String(patterns));
  const roles = new Set(rules.flatMap((rule) => rule.roles)).size;
  if (roles > MOST_ROLES) throw invalidArgValue(name, `at most ${MOST_ROLES} different roles`, String(roles));
  return rules;
}
