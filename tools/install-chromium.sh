#!/usr/bin/env bash
# Installs Chromium, in which the tests open the pages for real. Does nothing when one is there.
set -euo pipefail

if [ -n "${CHROMIUM_PATH:-}" ]; then
  [ -x "$CHROMIUM_PATH" ] && exit 0
  echo "CHROMIUM_PATH names $CHROMIUM_PATH, which cannot be run." >&2
  exit 1
fi
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null && exit 0
done

exec "$(dirname "$0")/install-debian-package.sh" chromium
