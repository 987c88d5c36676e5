#!/usr/bin/env bash
# Installs redis-server, which the tests of the Redis fan-out run for real. Does nothing when it is there.
set -euo pipefail

PATH=$PATH:/usr/sbin:/sbin
command -v redis-server >/dev/null && exit 0

if ! command -v apt-get >/dev/null; then
  echo 'The tests need redis-server on the PATH: install it with your package manager.' >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo 'The tests need redis-server on the PATH: as root, run apt-get install redis-server.' >&2
    exit 1
  fi
  as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends redis-server
