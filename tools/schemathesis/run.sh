#!/usr/bin/env bash
# Runs schemathesis, in a Python environment of its own, against a venue of its own.
#
# Ends with schemathesis's own status, or with 69 (EX_UNAVAILABLE of sysexits.h) when nothing was asked: what was not
# run must not pass for what was found right.
set -euo pipefail

folder=$(cd "$(dirname "$0")" && pwd)
environment=${SCHEMATHESIS_VENV:-$folder/../../node_modules/.cache/schemathesis}

not_run() {
  echo "schemathesis: not run, $1" >&2
  exit 69
}

command -v python3 > /dev/null || not_run 'there is no python3'
if ! cmp -s "$folder/requirements.txt" "$environment/requirements.txt"; then
  if ! { python3 -m venv "$environment" && "$environment/bin/pip" install -q -r "$folder/requirements.txt"; }; then
    not_run 'it could not be installed'
  fi
  cp "$folder/requirements.txt" "$environment/requirements.txt"
fi
exec "$environment/bin/python" "$folder/run.py" "$@"
