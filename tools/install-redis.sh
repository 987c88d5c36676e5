#!/usr/bin/env bash
# Installs redis-server, which the tests of the Redis fan-out run for real. Does nothing when it is there.
set -euo pipefail

PATH=$PATH:/usr/sbin:/sbin
command -v redis-server >/dev/null && exit 0

exec "$(dirname "$0")/install-debian-package.sh" redis-server
