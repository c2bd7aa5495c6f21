#!/bin/sh
# clang-tidy over cpp/ with the commands of the plain build (build-cpp/) and, for the binding, of the addon's (build/).
# Usage: scripts/tidy.sh [file.cpp ...]      without files: all of them
#        scripts/tidy.sh --since <commit>    those that changed since then, or whose own header did
set -eu
cd "$(dirname "$0")/.."
jobs=${TIDY_JOBS:-2}
tidy=$(command -v clang-tidy || command -v clang-tidy-14) || {
  echo 'clang-tidy is missing; install it and try again: apt-get install -y clang-tidy' >&2
  exit 1
}
[ -f build-cpp/compile_commands.json ] || {
  echo 'build-cpp/compile_commands.json is missing: npm run build:cpp' >&2
  exit 1
}

if [ "${1:-}" = --since ]; then
  files=$(git diff --name-only "$2" -- 'cpp/*.cpp' 'cpp/*.hpp' | sed 's/\.hpp$/.cpp/' | sort -u)
elif [ $# -gt 0 ]; then
  files=$*
else
  files=$(find cpp -name '*.cpp' | sort)
fi

# each <build folder> <files>: clang-tidy on the files that this folder has a command for, a few at a time
each() {
  folder=$1
  shift
  for file in "$@"; do
    if [ -f "$file" ] && grep -qF "/$file\"" "$folder/compile_commands.json"; then echo "$file"; fi
  done | xargs -r -P "$jobs" -n 1 sh -c '
    out=$("$@" 2>&1) && status=0 || status=$?
    printf "%s\n" "$out" | grep -vE "^[0-9]+ warnings? generated\.$|^$" || true
    exit "$status"' tidy "$tidy" -p "$folder" --quiet
}

status=0
# shellcheck disable=SC2086 # file names have no spaces here
each build-cpp $files || status=1
# shellcheck disable=SC2046,SC2086
if [ -f build/compile_commands.json ]; then
  each build $(printf '%s\n' $files | grep '^cpp/binding/') || status=1
fi
exit $status
