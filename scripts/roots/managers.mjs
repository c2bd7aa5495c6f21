// How each package manager installs the package in a project, and starts a program there.
import { bun, bunMusl, deno, managersOf, nodes, nodesForArm64, yarns } from './pins.mjs';

/** Words of an installation that asks its user for something, such as to approve scripts. */
export const complaint = /install-scripts|allowScripts|ignored build scripts|IGNORED_BUILDS|unmet peer|deprecated/i;

/** The settings by which all of them find the registry. */
export const settingsFor = (address) => ({
  npm_config_registry: address,
  NPM_CONFIG_REGISTRY: address,
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
  pnpm_config_registry: address,
  yarn_registry: address,
  YARN_NPM_REGISTRY_SERVER: address,
  YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
  YARN_ENABLE_TELEMETRY: '0',
  DENO_NO_UPDATE_CHECK: '1',
});

const package_ = 'rtm-native';
const inModules = { start: ['node'], rtm: ['node_modules/.bin/rtm'], kept: [] };

const npm = (pin, ...options) => ({
  pin,
  label: ['npm', pin.version, ...options].join(' '),
  install: ['node', '/opt/manager/bin/npm-cli.js', 'install', package_, ...options],
  ...inModules,
});

function pnpm(pin) {
  // Version 12 is a program of its own; the ones before run in Node.
  const own = pin.name !== 'pnpm';
  const script = Number(pin.version.split('.')[0]) > 10 ? 'pnpm.mjs' : 'pnpm.cjs';
  const program = own ? ['/opt/manager/pnpm'] : ['node', `/opt/manager/bin/${script}`];
  return { pin, label: `pnpm ${pin.version}`, install: [...program, 'add', package_], ...inModules };
}

const yarn = ['node', '/opt/manager/bin/yarn.js'];
const yarn1 = {
  pin: yarns[1],
  label: `yarn ${yarns[1].version}`,
  install: [...yarn, 'add', package_],
  ...inModules,
};
/** Version 4 without further settings: Plug'n'Play, without node_modules. */
const yarn4 = {
  pin: yarns[4],
  label: `yarn ${yarns[4].version} PnP`,
  install: [...yarn, 'add', package_],
  start: [...yarn, 'node'],
  rtm: [...yarn, 'rtm'],
  kept: ['.yarn/berry'],
};

/** Every way for one version of Node, by the last part of the case's name. */
export function waysOfNode(major) {
  const { npm: npmPin, pnpm: pnpmPin } = managersOf[major];
  return {
    npm: npm(npmPin),
    'npm-as-root': { ...npm(npmPin), user: 'root' },
    'npm-no-scripts': npm(npmPin, '--ignore-scripts'),
    pnpm: pnpm(pnpmPin),
    yarn1,
    yarn4,
  };
}

export const nodeMajors = Object.keys(nodes);

/** What a case starts programs with: where the runtime comes from, and what it needs of the package. */
export const runtimeOfNode = (major) => ({
  pin: nodes[major],
  label: `Node ${nodes[major].version}`,
  programs: ['bin/node'],
  needs: { arch: 'x64', libc: 'glibc', variant: 'node' },
});

export const arm64Majors = Object.keys(nodesForArm64);
export const runtimeOfArm64 = (major) => ({
  pin: nodesForArm64[major],
  label: `Node ${nodesForArm64[major].version} arm64`,
  programs: ['bin/node'],
  needs: { arch: 'arm64', libc: 'glibc', variant: 'node' },
});

const bunWay = (program) => ({
  label: 'bun',
  install: [program, 'add', package_],
  start: [program, 'run'],
  rtm: [program, '--bun', 'run', 'rtm'],
  kept: [],
});

/** Runtimes that install packages themselves. */
export const others = {
  bun: {
    runtime: {
      pin: bun,
      label: `Bun ${bun.version}`,
      programs: ['bin/bun'],
      needs: { arch: 'x64', libc: 'glibc', variant: 'static' },
    },
    way: bunWay('/opt/runtime/bin/bun'),
  },
  'bun-musl': {
    runtime: {
      pin: bunMusl,
      label: `Bun ${bunMusl.version} musl`,
      programs: ['bin/bun'],
      needs: { arch: 'x64', libc: 'musl', variant: 'static' },
    },
    way: bunWay('/opt/runtime/bin/bun'),
  },
  deno: {
    runtime: {
      pin: deno,
      label: `Deno ${deno.version}`,
      programs: ['deno'],
      needs: { arch: 'x64', libc: 'glibc', variant: 'static' },
    },
    way: {
      label: 'deno',
      install: ['/opt/runtime/deno', 'add', `npm:${package_}`],
      start: ['/opt/runtime/deno', 'run', '--no-prompt', '--allow-all'],
      rtm: ['/opt/runtime/deno', 'run', '--no-prompt', '--allow-all', `npm:${package_}/rtm`],
      kept: ['.cache/deno'],
    },
  },
};
