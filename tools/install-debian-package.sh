#!/usr/bin/env bash
# Installs a package of Debian that the tests need: install-debian-package.sh <package>.
set -euo pipefail

package=$1
if ! command -v apt-get >/dev/null; then
  echo "The tests need $package on the PATH: install it with your package manager." >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "The tests need $package on the PATH: as root, run apt-get install $package." >&2
    exit 1
  fi
  as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "$package"
