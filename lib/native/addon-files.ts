// The addons that the package may hold. Each path is a literal of a `require`, so that bundlers and tracers of files see it.

/** A prebuild as prebuilds/manifest.json lists it. */
export interface Prebuild {
  /** Relative to prebuilds/. */
  readonly path: string;
  readonly platform: string;
  readonly arch: string;
  readonly libc: 'glibc' | 'musl';
  /** The lowest version of glibc that has all that the file needs. */
  readonly libcFloor: string | null;
  /** `static`: with its own OpenSSL and libuv inside. */
  readonly variant: 'node' | 'static';
  readonly bytes: number;
  readonly sha256: string;
}

/** The addon of `npm run build:addon` or `rtm build-addon`, relative to the package. */
export const LOCAL_ADDON = 'build/Release/rtm_native.node';

/** Loads a prebuild by its path below prebuilds/. Throws MODULE_NOT_FOUND if there is none of that name. */
export function requirePrebuild(path: string): unknown {
  // Bundlers take a `require` within `try` for optional: a prebuild that is not there does not stop them.
  try {
    switch (path) {
      case 'linux-x64/rtm-native.glibc.node':
        return require('../../prebuilds/linux-x64/rtm-native.glibc.node');
      case 'linux-x64/rtm-native.musl.node':
        return require('../../prebuilds/linux-x64/rtm-native.musl.node');
      case 'linux-arm64/rtm-native.glibc.node':
        return require('../../prebuilds/linux-arm64/rtm-native.glibc.node');
      case 'linux-arm64/rtm-native.musl.node':
        return require('../../prebuilds/linux-arm64/rtm-native.musl.node');
      case 'linux-x64-static/rtm-native.glibc.node':
        return require('../../prebuilds/linux-x64-static/rtm-native.glibc.node');
      case 'linux-x64-static/rtm-native.musl.node':
        return require('../../prebuilds/linux-x64-static/rtm-native.musl.node');
      case 'linux-arm64-static/rtm-native.glibc.node':
        return require('../../prebuilds/linux-arm64-static/rtm-native.glibc.node');
      case 'linux-arm64-static/rtm-native.musl.node':
        return require('../../prebuilds/linux-arm64-static/rtm-native.musl.node');
      default:
        throw Object.assign(new Error(`there is no prebuild ${path}`), { code: 'MODULE_NOT_FOUND' });
    }
  } catch (error) {
    throw error as Error; // the rethrow is the point: see above
  }
}
