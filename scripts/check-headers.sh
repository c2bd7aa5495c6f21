#!/bin/sh
# Compiles each drop-in header by itself and the sample programs in test/fixtures/cxx11, as C++11 and as C++20, with g++ and
# clang++ if they are installed. A warning is an error. The names of the free functions must be unmangled. CXX names another
# compiler.
set -eu
cd "$(dirname "$0")/.."

cxx11='-std=c++11 -Wall -Wextra -Wpedantic -Werror'
cxx20='-std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror'
functions='createRtmService getRtmSdkVersion setRtmServiceContext'

# compile <compiler> <flags> <source or -> [more flags]
compile() {
  compiler=$1 flags=$2 source=$3
  shift 3
  # shellcheck disable=SC2086 # the flags are several words
  if ! "$compiler" $flags "$@" -Icpp/include -Icpp/wrappers/include -fsyntax-only -x c++ "$source"; then
    echo "check-headers: $compiler $flags failed" >&2
    exit 1
  fi
}

found=
for compiler in ${CXX:-g++ clang++}; do
  command -v "$compiler" >/dev/null || continue
  found="$found $compiler"
  for flags in "$cxx11" "$cxx20"; do
    for header in cpp/include/*.h cpp/wrappers/include/*.h; do
      echo "#include \"$(basename "$header")\"" | compile "$compiler" "$flags" -
      echo "#include \"$(basename "$header")\"" | compile "$compiler" "$flags" - -DAGORA_SDK_BOTH_RTM_AND_RTC
    done
    for program in test/fixtures/cxx11/*.cpp; do
      compile "$compiler" "$flags" "$program"
    done
  done
  assembly=$("$compiler" -std=c++11 -Icpp/include -S -o - test/fixtures/cxx11/handlers.cpp)
  for function in $functions; do
    if ! echo "$assembly" | grep -qw "$function"; then
      echo "check-headers: $compiler does not call $function by its unmangled name" >&2
      exit 1
    fi
  done
done

if [ -z "$found" ]; then
  echo 'check-headers: no C++ compiler found' >&2
  exit 1
fi
echo "headers: compiled as C++11 and C++20 with$found"
