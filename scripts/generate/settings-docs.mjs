// The settings of a server for people: the tables of docs/configuration.md.
import { groups, limits, settings } from '../../proto/server-settings.mjs';
import { upper } from './names.mjs';
import { actionTable } from './permissions.mjs';
import { boundsText, source } from './settings-model.mjs';

const variable = (path) => `RTM_SERVER_${path.split('.').map(upper).join('_')}`;
const row = (...cells) => `| ${cells.join(' | ')} |`.replaceAll('  |', ' |');

/** What is said of a setting, with its bounds. */
function meaning(setting) {
  const { about, doc = about } = setting;
  const bounds = setting.most === undefined ? '' : boundsText(setting);
  return bounds === '' ? doc : `${doc} (${bounds})`;
}

const settingRow = (path, setting) =>
  row(`\`${path}\``, `\`${variable(path)}\``, meaning(setting), setting.byDefault ?? 'of the profile');

function settingRows([path, each]) {
  if (path === 'limits.rates.<group>') {
    return row(`\`${path}\``, '`RTM_SERVER_LIMITS_RATES_<GROUP>_COUNT`, `…_PER_SECONDS`', each.about, each.byDefault);
  }
  if (path === 'retention.…') return row('`retention.…`', '`RTM_SERVER_RETENTION_…`', each.about, '');
  if (typeof each !== 'string') return settingRow(path, each);
  const all = each === 'limits' ? limits : groups[each].settings;
  return Object.entries(all)
    .map(([name, setting]) => settingRow(`${each}.${name}`, setting))
    .join('\n');
}

const retentionRow = ([name, setting]) =>
  row(`\`${name}\``, meaning(setting), setting.byDefaultText ?? setting.byDefault);

/** The document with the tables. */
export const settingTables = () => ({
  path: 'docs/configuration.md',
  source,
  parts: {
    'table of settings': [
      row('setting', 'variable', 'meaning', 'default'),
      '|---|---|---|---|',
      ...Object.entries(settings).map(settingRows),
    ].join('\n'),
    'table of retention': [
      row('`retention`', 'meaning', 'default'),
      '|---|---|---|',
      ...Object.entries(groups.retention.settings).map(retentionRow),
    ].join('\n'),
    [actionTable.name]: actionTable,
  },
});
