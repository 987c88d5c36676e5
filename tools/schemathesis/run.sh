#!/usr/bin/env bash
# Runs schemathesis, in a Python environment of its own, against a venue of its own.
set -euo pipefail

folder=$(cd "$(dirname "$0")" && pwd)
environment=${SCHEMATHESIS_VENV:-$folder/../../node_modules/.cache/schemathesis}

if ! command -v python3 > /dev/null; then
  echo 'schemathesis: skipped, there is no python3'
  exit 0
fi
if ! cmp -s "$folder/requirements.txt" "$environment/requirements.txt"; then
  if ! { python3 -m venv "$environment" && "$environment/bin/pip" install -q -r "$folder/requirements.txt"; }; then
    echo 'schemathesis: skipped, it could not be installed'
    exit 0
  fi
  cp "$folder/requirements.txt" "$environment/requirements.txt"
fi
exec "$environment/bin/python" "$folder/run.py" "$@"
