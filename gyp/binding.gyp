{
  # The same addon as cmake/addon.cmake, for a machine that has node-gyp but no CMake: what `rtm build-addon` runs where no
  # prebuild fits. Sources come from the shared list; flags and definitions must follow cmake/addon.cmake. The file is not in
  # the root, where package managers would take it for an order to compile.
  'targets': [{
    'target_name': 'rtm_native',
    'sources': ['<!@(node list-sources.cjs)'],
    'include_dirs': ['../cpp', '<!(node -p "require(\'node-addon-api\').include_dir")'],
    'defines': [
      'NAPI_VERSION=8',
      'NAPI_DISABLE_CPP_EXCEPTIONS',
      'NODE_ADDON_API_DISABLE_DEPRECATED',
      'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
      'NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED',
    ],
    'cflags_cc': [
      '-std=c++20', '-O2', '-Wno-subobject-linkage', '-fstack-protector-strong', '-fvisibility=hidden', '-fvisibility-inlines-hidden',
    ],
    # Node's own settings for its addons: our core keeps exceptions and RTTI, inside its own walls.
    'cflags_cc!': ['-fno-exceptions', '-fno-rtti', '-std=gnu++17', '-std=gnu++20', '-O3'],
    'cflags!': ['-O3'],
    'configurations': {
      'Release': {
        'cflags_cc': ['-U_FORTIFY_SOURCE', '-D_FORTIFY_SOURCE=2'],
        'defines': ['NDEBUG'],
        'cflags!': ['-O3'],
      },
    },
    'conditions': [
      ['OS=="linux"', {
        'libraries': ['-l:libz.a', '-lpthread', '-ldl'],
        'ldflags': [
          '-Wl,--version-script=<(module_root_dir)/../cmake/addon.map',
          '-Wl,--as-needed', '-Wl,-z,relro', '-Wl,-z,now', '-Wl,-z,noexecstack', '-Wl,-z,nodelete',
        ],
        'conditions': [['target_arch=="x64"', { 'cflags_cc': ['-fcf-protection'] }]],
      }],
      ['OS=="mac"', {
        'libraries': ['-lz'],
        'xcode_settings': {
          'CLANG_CXX_LANGUAGE_STANDARD': 'c++20',
          'GCC_ENABLE_CPP_EXCEPTIONS': 'YES',
          'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
          'MACOSX_DEPLOYMENT_TARGET': '12.0',
        },
      }],
    ],
  }],
}
