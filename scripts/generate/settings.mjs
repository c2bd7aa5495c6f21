// The settings of a server, from proto/server-settings.mjs: structs and defaults for C++, types and bounds for TypeScript,
// tables for the documentation.
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { rates } from '../../proto/server-settings.mjs';
import { inRoot } from '../tools.mjs';
import { upper } from './names.mjs';
import { cppSettingFiles } from './settings-cpp.mjs';
import { settingTables } from './settings-docs.mjs';
import { engineSettingFile } from './settings-engine.mjs';
import { checkSettings, source } from './settings-model.mjs';
import { tsSettingFiles } from './settings-ts.mjs';

/** All files of the settings. */
export function settingFiles() {
  checkSettings();
  const { root } = protobuf.parse(readFileSync(inRoot('proto/rtm.proto'), 'utf8'), { keepCase: true });
  const rateGroups = root.lookupEnum('rtm.RateGroup').values;
  for (const group of Object.keys(rates)) {
    if (rateGroups[`RATE_${upper(group)}`] === undefined) throw new Error(`${source}: rtm.proto has no rate ${group}`);
  }
  if (Object.keys(rateGroups).length !== Object.keys(rates).length + 1) {
    throw new Error(`${source}: expected a rate for each RateGroup of rtm.proto`);
  }
  return [
    ...cppSettingFiles(root.lookupType('rtm.Limits').fieldsArray),
    ...tsSettingFiles(rateGroups),
    engineSettingFile(),
    settingTables(),
  ];
}
