// Random operations as data: a sequence can be printed, repeated, and cut down to its failing part.
import type { Random } from '../integration/support/random.js';

export const USERS = ['ann', 'ben', 'cas', 'dee'] as const;
export const ROOMS = ['red', 'blue', 'green'] as const;
export const KEYS = ['x', 'y'] as const;
type User = (typeof USERS)[number];
type Room = (typeof ROOMS)[number];

/** An impossible operation (a send of an offline user) is skipped, so that any part of a sequence is a sequence too. */
export type Operation =
  | { readonly do: 'login' | 'logout' | 'query' | 'watch'; readonly user: User }
  | { readonly do: 'join' | 'leave' | 'members' | 'count' | 'read'; readonly user: User; readonly room: Room }
  | { readonly do: 'publish'; readonly user: User; readonly room: Room; readonly text: string }
  | { readonly do: 'send'; readonly user: User; readonly to: User; readonly text: string; readonly offline: boolean }
  | { readonly do: 'tag'; readonly user: User; readonly key: string; readonly text: string }
  | { readonly do: 'label'; readonly user: User; readonly room: Room; readonly key: string; readonly text: string }
  | { readonly do: 'unlabel'; readonly user: User; readonly room: Room; readonly key: string }
  | { readonly do: 'burst'; readonly room: Room; readonly text: string }
  | { readonly do: 'outage'; readonly user: User; readonly during: readonly Operation[] };

/** What happens, and how often compared with the others. */
const WEIGHTS: readonly (readonly [Operation['do'], number])[] = [
  ['login', 12],
  ['logout', 4],
  ['query', 4],
  ['watch', 4],
  ['join', 12],
  ['leave', 5],
  ['members', 3],
  ['count', 6],
  ['read', 4],
  ['publish', 14],
  ['send', 18],
  ['tag', 4],
  ['label', 5],
  ['unlabel', 2],
  ['burst', 4],
  ['outage', 2],
];

const ALL = WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);

function kindOf(random: Random): Operation['do'] {
  let at = random.below(ALL);
  for (const [kind, weight] of WEIGHTS) {
    at -= weight;
    if (at < 0) return kind;
  }
  return 'count';
}

/** `count` operations. Texts are numbered, so that each message is unlike all others. */
export function randomOperations(random: Random, count: number): Operation[] {
  let last = 0;
  const one = (nested: boolean): Operation => {
    const kind = kindOf(random);
    const [user, to, room, key] = [random.oneOf(USERS), random.oneOf(USERS), random.oneOf(ROOMS), random.oneOf(KEYS)];
    const text = `#${++last}`;
    switch (kind) {
      case 'login':
      case 'logout':
      case 'query':
      case 'watch':
        return { do: kind, user };
      case 'publish':
        return { do: kind, user, room, text };
      case 'send':
        return { do: kind, user, to, text, offline: random.below(2) === 0 };
      case 'tag':
        return { do: kind, user, key, text };
      case 'label':
        return { do: kind, user, room, key, text };
      case 'unlabel':
        return { do: kind, user, room, key };
      case 'burst':
        return { do: kind, room, text };
      case 'outage':
        if (nested) return { do: 'count', user, room };
        return { do: kind, user, during: Array.from({ length: 1 + random.below(6) }, () => one(true)) };
      default:
        return { do: kind, user, room };
    }
  };
  return Array.from({ length: count }, () => one(false));
}

/** The shortest part of a failing sequence that also fails, as far as it is found before the time is over. */
export async function shrink(
  operations: readonly Operation[],
  fails: (part: readonly Operation[]) => Promise<boolean>,
  milliseconds: number,
): Promise<readonly Operation[]> {
  const end = Date.now() + milliseconds;
  let best = operations;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < best.length && Date.now() < end; ) {
      const part = [...best.slice(0, from), ...best.slice(from + size)];
      if (await fails(part)) best = part;
      else from += size;
    }
  }
  return best;
}
