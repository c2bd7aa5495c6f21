// One user who logs in again and again, at any node.
import { setTimeout as pause } from 'node:timers/promises';
import {
  CONNECTION_CHANGE_REASON,
  CONNECTION_STATE,
  createRtmService,
  LOGIN_ERR_CODE,
  type RtmService,
} from 'rtm-native';
import { expect, it, onTestFinished } from 'vitest';
import { Redis, redisMissing } from '../../fixtures/redis.js';
import { within } from '../../integration/client-world.js';
import { abreast, appId, ServerNodes } from './server-nodes.js';

const LOGINS = 1000;

/** The callbacks of one login, call by call: a promise would hide callbacks that come together with its success. */
class Login {
  readonly aborts: CONNECTION_CHANGE_REASON[] = [];
  readonly answers: (LOGIN_ERR_CODE | 'success')[] = [];
  readonly service: RtmService = createRtmService();

  at(endpoint: string): Promise<void> {
    const answered = new Promise<void>((resolve) => {
      const note = (answer: LOGIN_ERR_CODE | 'success') => {
        this.answers.push(answer);
        resolve();
      };
      this.service.initialize(appId, {
        onLoginSuccess: () => note('success'),
        onLoginFailure: note,
        onConnectionStateChanged: (state, reason) => {
          if (state === CONNECTION_STATE.CONNECTION_STATE_ABORTED) this.aborts.push(reason);
        },
      });
    });
    this.service.setParameters(JSON.stringify({ 'rtm.endpoints': [endpoint] }));
    this.service.login('', 'alice');
    return within('the answer to a login', answered, 20_000);
  }

  get succeeded(): boolean {
    return this.answers[0] === 'success';
  }
}

it.skipIf(redisMissing).each([
  ['one after the other', 1],
  ['20 at a time', 20],
])(
  `${LOGINS} logins of one user on random nodes, %s, leave one session; each other one is told once`,
  {
    timeout: 120_000,
  },
  async (_how, count) => {
    const redis = await Redis.start();
    onTestFinished(() => redis.stop());
    const servers = await ServerNodes.start([redis.url, redis.url, redis.url]);
    onTestFinished(() => servers.end());
    const logins = Array.from({ length: LOGINS }, () => new Login());
    onTestFinished(() => {
      for (const { service } of logins) service.release(true);
    });
    const since = performance.now();
    await abreast(logins, count, (login) => login.at(servers.nodes[Math.floor(Math.random() * 3)]?.endpoint as string));
    const seconds = (performance.now() - since) / 1000;
    const left = () => logins.filter((login) => login.succeeded && login.aborts.length === 0);
    await expect.poll(() => left().length, { timeout: 20_000 }).toBe(1);
    await pause(1000); // for what should not come
    const sessions = await Promise.all(servers.nodes.map((node) => node.metric('rtm_sessions')));
    const overtaken = logins.filter((login) => !login.succeeded);
    console.log(
      `${LOGINS} logins in ${seconds.toFixed(1)} s; sessions at the end: ${sessions.join(', ')}; ` +
        `${LOGINS - overtaken.length - 1} told REMOTE_LOGIN, ${overtaken.length} refused: overtaken before they had begun`,
    );
    const [last] = left();
    const { CONNECTION_CHANGE_REASON_REMOTE_LOGIN } = CONNECTION_CHANGE_REASON;
    for (const login of logins) {
      expect(login.answers).toEqual([login.succeeded ? 'success' : LOGIN_ERR_CODE.LOGIN_ERR_REJECTED]);
      expect(login.aborts).toEqual(login.succeeded && login !== last ? [CONNECTION_CHANGE_REASON_REMOTE_LOGIN] : []);
    }
    if (count === 1) expect(last).toBe(logins.at(-1));
    if (count === 1) expect(overtaken).toEqual([]);
    expect(sessions.reduce((sum, each) => sum + each, 0)).toBe(1);
  },
);
