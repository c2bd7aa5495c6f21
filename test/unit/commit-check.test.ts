import { describe, expect, it } from 'vitest';

const { problemsOf } = (await import('../../scripts/check-commits.mjs' as string)) as {
  problemsOf(commit: { id: string; subject: string; body: string; lines: number }): string[];
};

const check = (subject: string, { body = '', lines = 1 } = {}) => problemsOf({ id: '1234567', subject, body, lines });

describe('the check of commit messages', () => {
  it.each([
    'server: bound what users take',
    'net, client: join texts without a copy',
    'docs: TLS certificates need the names of the server',
    'cli: bring the doctor to endpoints with names',
    `tests: ${'a'.repeat(65)}`,
  ])('takes "%s"', (subject) => {
    expect(check(subject)).toEqual([]);
  });

  it.each([
    ['Server: bound what users take', 'the area in lower case'],
    ['bound what users take', 'expected "area: imperative"'],
    ['server: ', 'expected "area: imperative"'],
    ['server: Bound what users take', 'lower case after the area'],
    ['docs: the arm64 prebuild has been tried', 'got "the"'],
    ['store: an id that cannot be a key names no media', 'got "an"'],
    ['server: bounding what users take', 'got "bounding"'],
    [`tests: ${'a'.repeat(66)}`, 'expected at most 72 characters, got 73'],
  ])('refuses "%s"', (subject, problem) => {
    const problems = check(subject);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`commit 1234567: "${subject}"`);
    expect(problems[0]).toContain(problem);
  });

  it('wants a body for more than 20 lines', () => {
    expect(check('server: bound users', { lines: 20 })).toEqual([]);
    expect(check('server: bound users', { lines: 21, body: 'One filled the memory.\n' })).toEqual([]);
    expect(check('server: bound users', { lines: 21, body: '\n' })).toEqual([
      'commit 1234567: "server: bound users": expected a body that says why, since it changes 21 lines; at most 20 go without',
    ]);
  });

  it('reports everything that is wrong with one message', () => {
    expect(check(`Docs: ${'a'.repeat(80)}`, { lines: 30 })).toHaveLength(3);
  });
});
