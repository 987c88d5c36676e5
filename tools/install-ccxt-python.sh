#!/usr/bin/env bash
# Installs ccxt for Python, in the version of the one for JavaScript, in an environment of its own: a test runs the
# sessions in Python of docs/clients.md. Python is no part of the venue: where it is not there, or not its registry,
# this says so, and the test that it skips them. Does nothing when it is there.
set -euo pipefail
cd "$(dirname "$0")/.."

environment=node_modules/.cache/ccxt-python
version=$(node -p 'require("./package.json").devDependencies.ccxt')
[ "$(cat "$environment/version" 2>/dev/null)" = "$version" ] && exit 0

not_installed() {
  rm -rf "$environment"
  echo "ccxt for Python is not installed: $1" >&2
  exit 0
}

command -v python3 >/dev/null || not_installed 'there is no python3'
python3 -m venv --clear "$environment" || not_installed 'python3 makes no environment'
"$environment/bin/pip" install -q --disable-pip-version-check --retries 1 --timeout 20 "ccxt==$version" ||
  not_installed 'pip cannot install it'
echo "$version" >"$environment/version"
