#!/bin/sh
# Runs a command in a root, in mount and process namespaces of its own. scripts/roots/root.mjs starts it through unshare, so that
# nothing of what it mounts is left over.
# Usage: enter.sh <root> <writable|read-only> <bind>... -- <variable>=<value>... <command>...
#   each <bind> is <from>:<to>[:ro][:noexec]; "loopback" brings up the loopback of a network namespace
#   the command changes the root by itself
set -eu
root=$1 access=$2
shift 2

mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir -m 1777 "$root/dev/shm"
ln -s /proc/self/fd "$root/dev/fd"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
if [ "$access" = read-only ]; then mount -o remount,ro,bind "$root"; fi

while [ "$1" != -- ]; do
  case $1 in
    loopback) ip link set lo up ;;
    *)
      from=${1%%:*} to=${1#*:}
      options=${to#*:} to=${to%%:*}
      mount --bind "$from" "$root$to"
      case :$options: in *:ro:*) mount -o remount,ro,bind "$root$to" ;; esac
      case :$options: in *:noexec:*) mount -o remount,noexec,bind "$root$to" ;; esac
      ;;
  esac
  shift
done
shift
exec env -i "$@"
