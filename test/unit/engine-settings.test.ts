// The way of the settings of a cluster engine from the options of a server.
import { describe, expect, it } from 'vitest';
import { completeSettings, engineSettingsOf } from '../../lib/server/cluster/engine-settings.js';
import { settingsOf } from '../../lib/server/cluster/redis/options.js';
import { checkServerOptions } from '../../lib/server/options/check-options.js';
import { GROUPS, NUMBERS } from '../../lib/server/options/settings.js';

const apps = [{ appId: '0123456789abcdef0123456789abcdef' }];
const engine = 'redis://127.0.0.1:6379';

describe('the settings of a cluster engine', () => {
  it('are those that the server was given', () => {
    const given = checkServerOptions({
      apps,
      engine,
      limits: {
        listedMembers: 0,
        userAttributes: 1,
        userAttributeValueBytes: 2,
        userAttributeBytes: 3,
        channelAttributes: 4,
        channelAttributeValueBytes: 5,
        channelAttributeBytes: 6,
      },
      times: { grace: 7, attributes: 8, lease: 1009 },
      retention: { offlineMs: 10, offlineBytes: 12, historyMs: 11, historyBytes: 13 },
      waitReplicas: 12,
    });
    expect(completeSettings(engineSettingsOf(given))).toEqual({
      noticeLimit: 0,
      userAttributes: { entries: 1, valueBytes: 2, totalBytes: 3 },
      channelAttributes: { entries: 4, valueBytes: 5, totalBytes: 6 },
      removeAfterMs: 7,
      attributeAfterlifeMs: 8,
      leaseMs: 1009,
      offlineRetentionMs: 10,
      offlineBytes: 12,
      historyRetentionMs: 11,
      historyBytes: 13,
      waitReplicas: 12,
    });
  });

  it('are the defaults of the server where it was given none', () => {
    const given = engineSettingsOf(checkServerOptions({ apps, engine, limits: { userAttributes: 1 } }));
    expect(settingsOf({ url: engine, ...given })).toMatchObject({
      noticeLimit: 512,
      userAttributes: { entries: 1, valueBytes: 8192, totalBytes: 16_384 },
      channelAttributes: { entries: 32, valueBytes: 8192, totalBytes: 32_768 },
      removeAfterMs: GROUPS.times.grace.byDefault,
      attributeAfterlifeMs: GROUPS.times.attributes.byDefault,
      leaseMs: GROUPS.times.lease.byDefault,
      offlineRetentionMs: GROUPS.retention.offlineMs.byDefault,
      offlineBytes: GROUPS.retention.offlineBytes.byDefault,
      historyRetentionMs: GROUPS.retention.historyMs.byDefault,
      historyBytes: 2 ** 31,
      waitReplicas: NUMBERS.waitReplicas.byDefault,
    });
  });
});
