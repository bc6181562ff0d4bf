#!/bin/sh
# Builds and starts `ringside demo`, and does it again whenever a source changes. Looks once a second: that needs no
# tool that would have to be installed, on any system.
set -eu
cd "$(dirname "$0")/.."

stamp=target/dev.stamp
server=
stop() { if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=; fi; }
trap 'stop; exit 0' INT TERM
changed() { find app server frontend style migrations Cargo.toml -type f -newer "$stamp" 2>/dev/null | head -n 1; }

mkdir -p target
while :; do
    touch "$stamp"
    if cargo run -p pack && cargo build -p server; then
        stop
        "${CARGO_TARGET_DIR:-target}/debug/ringside" demo "$@" &
        server=$!
    else
        echo "dev: that did not build; the old server goes on, waiting for a change"
    fi
    while [ -z "$(changed)" ]; do sleep 1; done
    echo "dev: $(changed) changed"
done
