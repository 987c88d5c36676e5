#!/usr/bin/env bash
# Trades with hummingbot's own connector, unmodified but for its two addresses, against a venue of its own.
#
# Hummingbot comes as source text from PyPI; of its packages only those are installed that the connector loads, and its
# extensions are compiled (minutes, once). Ends with 69 (EX_UNAVAILABLE of sysexits.h) when it could not be run.
set -euo pipefail

version=20260922
folder=$(cd "$(dirname "$0")" && pwd)
environment=${HUMMINGBOT_VENV:-$folder/../../node_modules/.cache/hummingbot}
source=$environment/hummingbot-$version

not_run() {
  echo "hummingbot: not run, $1" >&2
  exit 69
}

install() {
  python3 -m venv --clear "$environment" &&
    "$environment/bin/pip" install -q --disable-pip-version-check -r "$folder/requirements.txt" &&
    "$environment/bin/pip" download -q --disable-pip-version-check --no-deps --no-build-isolation --no-binary hummingbot \
      -d "$environment" "hummingbot==$version" &&
    tar -xzf "$source.tar.gz" -C "$environment" &&
    mkdir "$source/conf" &&
    (cd "$source" && WITHOUT_CYTHON_OPTIMIZATIONS=1 ../bin/python setup.py -q build_ext --inplace >build.log 2>&1)
}

command -v python3 >/dev/null || not_run 'there is no python3'
if ! cmp -s "$folder/requirements.txt" "$environment/installed.txt"; then
  echo "hummingbot: installing $version, which takes minutes" >&2
  install || not_run 'it could not be installed'
  cp "$folder/requirements.txt" "$environment/installed.txt"
fi
PYTHONPATH=$source exec "$environment/bin/python" "$folder/run.py"
