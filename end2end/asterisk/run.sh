#!/usr/bin/env bash
# Calls through a real Asterisk: builds the bed and the server, then places calls and compares: each carrier's codes and
# moments (calls.mjs), and who speaks with whom (floor.mjs).
# Where the bed can't be had (no root, not Linux, no packages) it says so in one line and that is no failure.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if ! why=$("$here/bed.sh" check); then
  echo "skipped: a real Asterisk $why"
  exit 0
fi
command -v node >/dev/null || { echo "skipped: a real Asterisk needs: apt-get install nodejs"; exit 0; }
if ! "$here/bed.sh" build; then
  # In continuous integration a bed that can't be built is a failure; at a desk without a network it is not.
  echo "skipped: Asterisk's packages could not be fetched (see above)"
  [ -z "${CI-}" ] || exit 1
  exit 0
fi
if [ -z "${RINGSIDE-}" ]; then
  # As `make e2e` builds it: with other features all of it would be compiled again.
  (cd "$here/../.." && cargo build -p app -p server --bins --tests)
  RINGSIDE=${CARGO_TARGET_DIR:-$here/../../target}/debug/ringside
fi
export RINGSIDE
node "$here/calls.mjs"
exec node "$here/floor.mjs"
