import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

// The benchmark is plain JavaScript without declarations.
const part = (file: string) => import(new URL(`../../bench/${file}`, import.meta.url).href);
const { Receiver, Sender } = await part('lib/flow.mjs');
const { failuresOf, summarised, tableOf } = await part('lib/runner.mjs');
const { advantage, figure, median, percentile, range, spread, times } = await part('lib/stats.mjs');
const { barChart } = await part('lib/svg.mjs');
const { markdownTable, textTable, wrapped } = await part('lib/table.mjs');
const { chartOf, pageOf } = await part('report.mjs');

const measure = {
  name: 'speed',
  title: 'Speed',
  metric: 'rate',
  unit: 'messages/s',
  about: () => 'How fast.',
  compared: [{ title: 'faster', metric: 'rate', better: 'high' }],
  groupBy: (row: { window: number }) => `${row.window} in flight`,
  columns: [
    { title: 'win-\ndow', text: ({ row }: { row: { window: number } }) => String(row.window) },
    { title: 'messages\n/s', metric: 'rate' },
    { title: 'lowest–highest', metric: 'rate', range: true },
  ],
};

const entry = (system: string, name: string, rates: (number | undefined)[], failure?: string) => ({
  system,
  variant: { name, acks: 'none' },
  row: { window: 256 },
  rounds: rates.map((rate) => (rate === undefined ? undefined : { rate })),
  failure,
});

describe('statistics', () => {
  it('the median is the middle, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it('a percentile is a value that occurred', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile([7], 0.999)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it('the spread is the extremes', () => {
    expect(spread([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3 });
  });

  it('the advantage is taken within each round, and rounds that one of both missed do not count', () => {
    expect(advantage([100, 10, 50], [50, 5, 50], 'high')).toBe(2);
    expect(advantage([100, undefined], [50, 1], 'high')).toBe(2);
    expect(advantage([10], [40], 'low')).toBe(4);
    expect(advantage([], [], 'low')).toBeNaN();
  });

  it('figures are short', () => {
    expect([1234567.8, 100, 12.34, 1.234, Number.NaN].map(figure)).toEqual(['1,234,568', '100', '12.3', '1.23', '–']);
    expect(range({ low: 9_999, high: 123_456 })).toBe('9,999–123k');
    expect([0.5, 2.345, 23.45, 234.5].map(times)).toEqual(['0.50×', '2.35×', '23.4×', '235×']);
  });
});

describe('tables', () => {
  const columns = [
    { title: 'system', align: 'left' },
    { title: 'messages\n/s', align: 'right' },
  ];

  it('aligns columns, with titles of two lines', () => {
    expect(textTable(columns, [['ours', '12,345']]).split('\n')).toEqual([
      '        messages',
      'system        /s',
      '──────  ────────',
      'ours      12,345',
    ]);
  });

  it('writes Markdown', () => {
    expect(markdownTable(columns, [['a|b', '1']])).toBe('| system | messages /s |\n|---|---:|\n| a\\|b | 1 |');
    expect(markdownTable([{ title: 'win-\ndow', align: 'left' }], [])).toContain('| window |');
  });

  it('wraps at words and loses none', () => {
    const text = 'one two three four';
    expect(wrapped(text, 9)).toBe('one two\nthree\nfour');
    expect(wrapped(text, 100)).toBe(text);
  });

  it('compares each row with ours of the same parameters', () => {
    const rows = summarised(measure, [entry('ours', 'ours', [100, 200, 300]), entry('nats', 'NATS', [50, 50, 50])]);
    const { columns: titles, cells } = tableOf(measure, rows);
    expect(titles.at(-1).title).toBe('ours is\nfaster');
    expect(cells).toEqual([
      ['ours', '256', '200', '100–300', '–'],
      ['NATS', '256', '50.0', '50.0–50.0', '4.00×'],
    ]);
  });

  it('marks failed rows with the reason, and does not compare with missing rows', () => {
    const rows = summarised(measure, [entry('ours', 'ours', [100]), entry('ws', 'ws', [undefined], '3 messages lost')]);
    expect(tableOf(measure, rows).cells[1]).toEqual(['ws *', '256', '–', '–']);
    expect(failuresOf(rows)).toEqual(['* ws 256 (0 rounds counted): 3 messages lost']);
  });
});

describe('charts and page', () => {
  it('bars are as long as their values, and text is escaped', () => {
    const bars = [
      { label: 'a<b', value: 10, low: 5, high: 20 },
      { label: 'c', value: 5 },
      { label: 'failed', value: Number.NaN },
    ];
    const svg = barChart({ title: 'T & U', unit: 'x', panels: [{ title: 'p', bars }] });
    const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map((match) => Number(match[1]));
    expect(widths).toHaveLength(2);
    expect(widths[0]).toBe((widths[1] ?? 0) * 2);
    expect(svg).toContain('a&lt;b');
    expect(svg).toContain('T &amp; U');
    expect(svg).not.toContain('failed');
    expect(svg.startsWith('<svg ')).toBe(true);
  });

  it('the page has machine, systems, omissions, every table and its chart', () => {
    const rows = summarised(measure, [entry('ours', 'ours', [100]), entry('nats', 'NATS', [50])]);
    const about = { cpu: 'C', cores: 2, memoryGiB: 4, kernel: '6', congestionControl: 'bbr', loadAtStart: 0.1 };
    const page = pageOf({
      about: { ...about, node: '20', openssl: '3', package: '1', commit: 'abc' },
      command: 'npm run bench -- report',
      minutes: 3,
      results: [{ measure, rows }],
      missing: [{ name: 'redis', reason: 'apt-get install redis-server' }],
      options: { rounds: 1, systems: [{ name: 'ours', how: 'as shipped' }] },
      versions: { ours: 'rtm-native 1' },
    });
    for (const part of [
      'congestion control bbr',
      '- **ours** (rtm-native 1): as shipped',
      '- **redis** is left out: apt-get install redis-server',
      '| NATS | 256 | 50.0 | 50.0–50.0 | 2.00× |',
      'benchmarks/speed.svg',
    ]) {
      expect(page).toContain(part);
    }
    expect(chartOf(measure, rows)).toContain('256 in flight');
  });

  it('a measure may have a plot for each of several metrics, and bars named by their rows', () => {
    const plotted = {
      ...measure,
      labelOf: (row: { window: number }) => `window ${row.window}`,
      plots: [
        { title: 'messages', metric: 'rate' },
        { title: 'memory', metric: 'memory' },
      ],
    };
    const chart = chartOf(plotted, summarised(measure, [entry('ours', 'ours', [100])]));
    expect(chart).toContain('256 in flight: messages');
    expect(chart).toContain('256 in flight: memory');
    expect(chart).toContain('window 256');
  });
});

describe('the stream that every system carries', () => {
  it('ends when the receiver has everything, with no more than the window in flight', async () => {
    const line: string[] = [];
    let most = 0;
    const sender = new Sender({
      window: 8,
      size: 32,
      seconds: 0.01,
      acks: false,
      credits: true,
      send: (text: string) => {
        line.push(text);
        most = Math.max(most, line.length);
      },
    });
    const receiver = new Receiver({ window: 8, credit: (text: string) => sender.credit(Number(text.slice(1))) });
    const deliver = setInterval(() => {
      const text = line.shift();
      if (text !== undefined) receiver.take(0, text);
    });
    const { messages } = await sender.run().finally(() => clearInterval(deliver));
    expect(messages).toBeGreaterThan(8);
    expect(most).toBe(8);
    await receiver.check(messages);
  });

  it('notices a message out of order', async () => {
    const receiver = new Receiver({ window: 8 });
    for (const number of [0, 2, 1]) receiver.take(0, `m${String(number).padStart(9, '0')}`);
    await expect(receiver.check(3)).rejects.toThrow('expected message 1, got 2');
  });

  it('notices a message that a member did not get, and a message that another got twice', async () => {
    const receiver = new Receiver({ window: 8, members: 2 });
    for (const number of [0, 1, 1]) receiver.take(0, `m${String(number).padStart(9, '0')}`);
    receiver.take(1, 'm000000000');
    await expect(receiver.check(2)).rejects.toThrow('expected message 2, got 1');
  });

  it('ends a run whose messages are refused', async () => {
    const sender = new Sender({
      window: 8,
      size: 32,
      seconds: 1,
      acks: true,
      credits: false,
      send: (_text: string, done: (error?: Error) => void) => setImmediate(done, new Error('refused')),
    });
    await expect(sender.run()).rejects.toThrow('refused');
  });
});

describe('the command line', () => {
  const bench = (...args: string[]) => {
    try {
      return {
        code: 0,
        text: execFileSync(process.execPath, ['bench/main.mjs', ...args], { stdio: 'pipe' }).toString(),
      };
    } catch (error) {
      const { status, stderr } = error as { status: number; stderr: Buffer };
      return { code: status, text: stderr.toString() };
    }
  };

  it('helps with every measure', () => {
    const { code, text } = bench('--help');
    expect(code).toBe(0);
    for (const name of ['peer', 'fanout', 'latency', 'login', 'bots', 'boundary', 'report'])
      expect(text).toContain(`  ${name}`);
  });

  it('says what is wrong with an argument', () => {
    expect(bench('per')).toEqual({ code: 1, text: expect.stringContaining('unknown measure "per"; there are: peer') });
    expect(bench('peer', '--rounds', '0').text).toContain('--rounds: expected whole numbers from 1, got "0"');
    expect(bench('peer', '--only', 'kafka').text).toContain('--only: there is no "kafka"; there are: ours, nats');
  });
});
