#!/usr/bin/env bash
# Webhooks as the senders' own libraries sign them, taken by a real server: what it tells then equals what was sent.
# Where their packages can't be had it says so in one line and that is no failure.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

command -v npm >/dev/null || { echo "skipped: the senders' libraries need: apt-get install nodejs npm"; exit 0; }
if [ ! -e "$here/node_modules/.package-lock.json" ] || [ "$here/package-lock.json" -nt "$here/node_modules/.package-lock.json" ]; then
  echo "installing the senders' libraries (npm ci)"
  if ! (cd "$here" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error); then
    # In continuous integration packages that can't be had are a failure; at a desk without a network they are not.
    echo "skipped: the senders' libraries could not be fetched (see above)"
    [ -z "${CI-}" ] || exit 1
    exit 0
  fi
  touch "$here/node_modules/.package-lock.json"
fi
if [ -z "${RINGSIDE-}" ]; then
  # As `make e2e` builds it: with other features all of it would be compiled again.
  (cd "$here/../.." && cargo build -p app -p server --bins --tests)
  RINGSIDE=${CARGO_TARGET_DIR:-$here/../../target}/debug/ringside
fi
export RINGSIDE
exec node --test --test-reporter=spec "$here"/*.test.mjs
