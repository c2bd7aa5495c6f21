import { afterEach, expect, onTestFinished } from 'vitest';
import { RTM_AREA_CODE, RTM_CLOUD_PROXY_TYPE } from '../../lib/enums.js';
import { createRtmService, setRtmServiceContext } from '../../lib/sdk/service.js';
import type { RtmServer } from '../../lib/server/rtm-server.js';
import { context as rows } from './rows/service.js';
import { subject } from './support/subject.js';
import { fresh, startServer, world } from './support/world.js';

const w = world();

/** Whether a login to a server of these regions succeeds under the present context, and the server's number of logins. */
async function login(server: RtmServer): Promise<{ ok: boolean; seen: number }> {
  const { service, events } = w.client({ timing: { login_ms: 1000 } });
  service.setParameters(JSON.stringify({ 'rtm.endpoints': server.connectString }));
  service.login(null, fresh());
  await events.until('a result', () => events.names().some((name) => name.startsWith('onLogin')));
  const ok = events.names().includes('onLoginSuccess');
  if (!ok) expect(events.of('onLoginFailure')).toEqual([[9]]);
  service.release(true);
  const { logins, loginFailures } = server.stats();
  return { ok, seen: logins + loginFailures };
}

async function serverIn(area: number): Promise<RtmServer> {
  const server = await startServer({ area });
  onTestFinished(() => server.close());
  return server;
}

const { AREA_CODE_GLOB, AREA_CODE_EU, AREA_CODE_JP, AREA_CODE_CN } = RTM_AREA_CODE;

subject(rows, (row) => {
  afterEach(() => {
    if (setRtmServiceContext({ areaCode: AREA_CODE_GLOB, proxyType: 0 }) !== 0) throw new Error('a service was left');
  });

  row('setRtmServiceContext', async () => {
    const europe = await serverIn(AREA_CODE_EU);
    expect(setRtmServiceContext({ areaCode: AREA_CODE_JP })).toBe(0);
    expect((await login(europe)).ok).toBe(false);
    expect(setRtmServiceContext({ areaCode: AREA_CODE_EU })).toBe(0);
    expect((await login(europe)).ok).toBe(true);
  });
  row('SET_RTM_SERVICE_CONTEXT_ERR_CODE.SET_RTM_SERVICE_CONTEXT_ERR_OK', () => {
    expect(setRtmServiceContext({})).toBe(0);
    createRtmService().release();
    expect(setRtmServiceContext({})).toBe(0);
  });
  row('SET_RTM_SERVICE_CONTEXT_ERR_CODE.SET_RTM_SERVICE_CONTEXT_ERR_FAILURE', async () => {
    const europe = await serverIn(AREA_CODE_EU);
    const [one, two] = [createRtmService(), createRtmService()];
    one.release();
    expect(setRtmServiceContext({ areaCode: AREA_CODE_JP })).toBe(1);
    two.release();
    expect((await login(europe)).ok).toBe(true);
  });
  row('RtmServiceContext.areaCode', async () => {
    const [europe, japan, china] = [
      await serverIn(AREA_CODE_EU),
      await serverIn(AREA_CODE_JP),
      await serverIn(AREA_CODE_CN),
    ];
    setRtmServiceContext({ areaCode: AREA_CODE_EU | AREA_CODE_JP });
    expect([(await login(europe)).ok, (await login(japan)).ok, (await login(china)).ok]).toEqual([true, true, false]);
  });
  row('RtmServiceContext.proxyType', () => {
    for (const proxyType of [0, 1] as const) expect(setRtmServiceContext({ proxyType })).toBe(0);
  });
  for (const [name, code] of Object.entries(RTM_AREA_CODE)) {
    if (code === AREA_CODE_GLOB) continue;
    row(`RTM_AREA_CODE.${name}`, async () => {
      const [here, elsewhere] = [
        await serverIn(code),
        await serverIn(code === AREA_CODE_EU ? AREA_CODE_JP : AREA_CODE_EU),
      ];
      expect(setRtmServiceContext({ areaCode: code })).toBe(0);
      expect([(await login(here)).ok, (await login(elsewhere)).ok]).toEqual([true, false]);
    });
  }
  row('RTM_AREA_CODE.AREA_CODE_GLOB', async () => {
    expect(AREA_CODE_GLOB).toBe(0xffffffff);
    for (const areaCode of [AREA_CODE_GLOB, -1]) {
      expect(setRtmServiceContext({ areaCode })).toBe(0); // the same in an int of C++
      for (const area of [AREA_CODE_CN, AREA_CODE_EU, 0]) expect((await login(await serverIn(area))).ok).toBe(true);
    }
  });
  row('RTM_CLOUD_PROXY_TYPE.RTM_NONE_PROXY', async () => {
    expect(RTM_CLOUD_PROXY_TYPE.RTM_NONE_PROXY).toBe(0);
    setRtmServiceContext({ proxyType: RTM_CLOUD_PROXY_TYPE.RTM_NONE_PROXY });
    expect((await login(w.server)).ok).toBe(true);
  });
  row('RTM_CLOUD_PROXY_TYPE.RTM_TCP_PROXY', async () => {
    setRtmServiceContext({ proxyType: RTM_CLOUD_PROXY_TYPE.RTM_TCP_PROXY });
    expect((await login(w.server)).ok).toBe(true);
  });
  row(['rule.area.names-no-user', 'rule.area.none-reachable'], async () => {
    const europe = await serverIn(AREA_CODE_EU);
    setRtmServiceContext({ areaCode: AREA_CODE_JP });
    expect(await login(europe)).toEqual({ ok: false, seen: 0 }); // 9, TIMEOUT, as login() checks
  });
});
