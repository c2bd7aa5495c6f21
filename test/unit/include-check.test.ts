import { describe, expect, it } from 'vitest';

const { checkIncludes } = (await import('../../scripts/check-includes.mjs' as string)) as {
  checkIncludes(files: Map<string, string>): { includes: number; problems: string[] };
};

/** Files of cpp/ by path, each with the files it includes. */
const check = (files: Record<string, string[]>) =>
  checkIncludes(
    new Map(
      Object.entries(files).map(([file, included]) => [file, included.map((each) => `#include "${each}"`).join('\n')]),
    ),
  );

describe('the check of includes between the rooms of cpp/', () => {
  it('names both files and the rule', () => {
    const { problems } = check({ 'client/outbox.cpp': ['server/limits.hpp'], 'server/limits.hpp': [] });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(
      'cpp/client/outbox.cpp includes cpp/server/limits.hpp: client may include base, wire',
    );
  });

  it('finds a circle of folders, and names the include of each step', () => {
    const { problems } = check({
      'server/engine/memory/loop.hpp': ['server/store/store.hpp'],
      'server/store/store.hpp': ['server/model/names.hpp'],
      'server/store/store.cpp': ['server/engine/memory/keys.hpp'],
      'server/engine/memory/keys.hpp': [],
      'server/model/names.hpp': [],
    });
    expect(problems).toEqual([
      [
        'a circle: cpp/server/engine/memory → cpp/server/store → cpp/server/engine/memory',
        '  cpp/server/engine/memory/loop.hpp includes cpp/server/store/store.hpp',
        '  cpp/server/store/store.cpp includes cpp/server/engine/memory/keys.hpp',
      ].join('\n'),
    ]);
  });

  it('lets a file at the top of a room stand above one folder and below another', () => {
    const { includes, problems } = check({
      'server/server.cpp': ['server/server.hpp', 'server/gateway/gateway.hpp'],
      'server/server.hpp': ['base/log.hpp'],
      'server/gateway/gateway.hpp': ['server/context.hpp', 'IAgoraService.h'],
      'server/context.hpp': ['server/auth/token.hpp'],
      'server/auth/token.hpp': [],
      'base/log.hpp': [],
    });
    expect({ includes, problems }).toEqual({ includes: 5, problems: [] });
  });
});
