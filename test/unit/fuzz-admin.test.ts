// Random bytes at the admin listener. Whatever comes: nobody without the token and a known host reads a page, no request ends in
// an internal error, and the next good request is answered.
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AdminListener } from '../../lib/server/http/admin-listener.js';
import { Health } from '../../lib/server/http/health.js';
import { unpackStats } from '../../lib/server/stats/stats.js';
import { FUZZ_TIMEOUT, fuzz } from '../integration/support/fuzz.js';
import type { Random } from '../integration/support/random.js';

const token = 'a-token-of-26-characters-0';
let listener: AdminListener;
let port: number;

beforeAll(async () => {
  const source = {
    version: '1',
    stats: () => unpackStats(),
    usage: () => undefined,
    ready: () => true,
    engineLatencies: () => [],
  };
  const access = { hosts: ['metrics.example'], token };
  listener = await AdminListener.listen({ host: '127.0.0.1', port: 0 }, access, new Health(), source);
  port = Number(new URL(listener.url).port);
});
afterAll(() => listener.close());

function requestOf(random: Random): Buffer {
  const noise = () => Buffer.from(random.bytes(random.below(30)));
  const path = random.oneOf([
    '/healthz',
    '/readyz',
    '/metrics',
    '/',
    '*',
    '/healthz?x',
    'http://evil/healthz',
    '/__proto__',
  ]);
  const lines = [
    `${random.oneOf(['GET', 'HEAD', 'POST', 'OPTIONS', 'CONNECT', 'get', 'TRACE', ''])} ${path} HTTP/${random.oneOf(['1.1', '1.0', '2.0', '9'])}`,
    `Host: ${random.oneOf(['localhost', 'metrics.example', 'evil', '', '127.0.0.1:x', '[::1', ' localhost', 'a\tb'])}`,
    `Host: evil.example`,
    `Authorization: ${random.oneOf(['Bearer', `Bearer ${token}x`, 'Bearer ', `Basic ${token}`, 'Bearer a b'])}`,
    `Content-Length: ${random.oneOf(['0', '5', '-1', '99999999999', 'x'])}`,
    `Transfer-Encoding: ${random.oneOf(['chunked', 'identity', 'gzip, chunked'])}`,
    `Expect: ${random.oneOf(['100-continue', 'nothing'])}`,
    `Upgrade: websocket`,
    `Connection: ${random.oneOf(['close', 'keep-alive', 'Upgrade'])}`,
    `X: ${random.text(5).replaceAll(/[^\x20-\x7e]/g, '')}`,
    'x'.repeat(random.oneOf([1, 9000])),
  ];
  const [first = '', ...headers] = lines;
  const chosen = [first, ...headers.filter(() => random.below(2) === 0)];
  const text = Buffer.from(`${chosen.join(random.oneOf(['\r\n', '\r\n', '\r\n', '\n']))}\r\n\r\n`);
  const pieces = random.oneOf<() => Buffer[]>([
    () => [text],
    () => [text, text, text],
    () => [text, noise()],
    () => [noise(), text],
    () => [text.subarray(0, random.below(text.length)), noise(), text],
    () => [noise()],
  ])();
  return Buffer.concat(pieces);
}

/** What the listener answers until it closes, or until all was sent that a client of this kind sends. */
async function answersTo(bytes: Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  let answers = '';
  socket.setEncoding('latin1').on('data', (text) => {
    answers += text;
  });
  await once(socket, 'connect');
  socket.end(bytes); // nothing more comes: the listener closes its end, too
  await new Promise((resolve) => socket.once('close', resolve));
  return answers;
}

function good(): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const asked = request({ host: '127.0.0.1', port, path: '/healthz', headers, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    asked.on('error', reject).end();
  });
}

it('whatever is asked, only who may read gets a page', { timeout: FUZZ_TIMEOUT }, async () => {
  await fuzz(async (random) => {
    const asked = Array.from({ length: 8 }, () => requestOf(random));
    const answers = await Promise.all(asked.map(answersTo));
    for (const [index, answer] of answers.entries()) {
      const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
      for (const status of statuses) {
        // 501 and 505 are Node's own words for what HTTP does not know.
        expect([400, 401, 404, 408, 413, 417, 421, 431, 501, 505, 100], asked[index]?.toString('latin1')).toContain(
          status,
        );
      }
    }
    expect(await good()).toBe(200);
  });
});
