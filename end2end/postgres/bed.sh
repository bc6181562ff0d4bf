#!/usr/bin/env bash
# PostgreSQL with TimescaleDB (Apache edition) on loopback, for tests: from Debian's packages, unpacked beside the build.
# Nothing is installed; it needs neither root nor Docker. RINGSIDE_TEST_SUITE chooses the versions: trixie (PostgreSQL 17,
# TimescaleDB 2.19; where nothing is said), bookworm (15, without TimescaleDB), forky or sid (18, 2.31).
#
#   bed.sh check           say in one line what is missing; status 0 if nothing is
#   bed.sh build           make the folder with the programs (cached; ten seconds the first time)
#   bed.sh up NAME PORT    make a cluster of this name and start it
#   bed.sh kill NAME       end it as a power cut of the process would (pg_ctl stop -m immediate)
#   bed.sh start NAME      start it again
#   bed.sh down NAME       end it and remove its files
#   bed.sh port            say a port that is free for one
#   bed.sh run PROGRAM …   run one of PostgreSQL's programs: psql, pg_dump, pg_restore
#   bed.sh authority       say where the certificate is that clients trust
#   bed.sh with COMMAND…   a cluster for as long as COMMAND runs, which finds it by the environment:
#                          RINGSIDE_TEST_TIMESCALE and RINGSIDE_TEST_POSTGRES, addresses of a server with and one
#                          without the extension (here the same), and RINGSIDE_TEST_BED, this script, for tests that
#                          stop a database. What is set already stays, and is not started.
#
# Users: ringside (trusted, superuser), keyed (password `right horse`, by SCRAM). TLS is on; its authority is
# $root/tls/ca.crt, its names localhost and 127.0.0.1. fsync is off (RINGSIDE_TEST_FSYNC=on for benches): such a cluster is for tests only.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${RINGSIDE_TEST_CACHE:-${CARGO_TARGET_DIR:-$here/../../target}/postgres}
suite=${RINGSIDE_TEST_SUITE:-trixie}
case $suite in
  bookworm) version=15 extension= ;;
  trixie) version=17 extension=timescaledb ;;
  forky | sid) version=18 extension=timescaledb ;;
  *) echo "database bed: RINGSIDE_TEST_SUITE=$suite is none of bookworm, trixie, forky, sid" >&2; exit 2 ;;
esac
package=postgresql-$version${extension:+-$extension}
bin=/usr/lib/postgresql/$version/bin
root=$cache/$suite

say() { printf '%s\n' "database bed: $*" >&2; }
fail() { say "$*"; exit 1; }
# shellcheck source=../debian.sh
. "$here/../debian.sh"

check() {
  [ -x "$root/ready" ] || check_debian
}

build() {
  [ -e "$root/ready" ] && return 0
  local why; why=$(check) || fail "$why"
  local partial=$root.partial new=$root.partial/new
  say "unpacking $package from Debian $suite into $root (once)"
  rm -rf "$partial"
  mkdir -p "$new"
  download "$partial/apt" "$package" dash tzdata openssl || fail "Debian's $package could not be fetched from $mirror"
  unpack "$partial/apt" "$new"
  mkdir -p "$new/tls"
  (root=$new; set -e; certificates) || fail "no certificates could be made"
  [ "$(id -u)" != 0 ] || chown -R "$nobody:$nobody" "$new/clusters" "$new/tls"
  rm -rf "$partial/apt" "$root"
  touch "$new/ready"
  mv "$new" "$root"
  rm -rf "$partial"
  say "$(inside $bin/postgres --version) is ready"
}

# An authority and a server's certificate; what a client must know is ca.crt.
certificates() {
  local key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650)
  [ "$(id -u)" != 0 ] || chown "$nobody:$nobody" "$root/tls"
  inside openssl req -x509 "${key[@]}" -subj /CN=ringside-tests -keyout /tls/ca.key -out /tls/ca.crt 2>/dev/null
  inside openssl req "${key[@]}" -subj /CN=localhost -keyout /tls/server.key -out /tls/server.csr 2>/dev/null
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >"$root/tls/names"
  inside openssl x509 -req -in /tls/server.csr -CA /tls/ca.crt -CAkey /tls/ca.key -days 3650 -extfile /tls/names -out /tls/server.crt 2>/dev/null
}

up() {
  local name=$1 port=$2
  build
  [ ! -e "$root/clusters/$name" ] || down "$name"
  inside $bin/initdb -D "/clusters/$name" -U ringside -E UTF8 --locale=C --auth=trust --no-sync >/dev/null
  # A test's own file appends to it (`tests.conf`).
  cat >>"$root/clusters/$name/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
dynamic_shared_memory_type = mmap
max_connections = 200
max_locks_per_transaction = 256
shared_buffers = '${RINGSIDE_TEST_BUFFERS:-64MB}'
max_wal_size = '${RINGSIDE_TEST_WAL:-256MB}'
fsync = ${RINGSIDE_TEST_FSYNC:-off}
full_page_writes = ${RINGSIDE_TEST_FSYNC:-off}
jit = off
logging_collector = off
log_min_messages = warning
ssl = on
ssl_ca_file = '/tls/ca.crt'
ssl_cert_file = '/tls/server.crt'
ssl_key_file = '/tls/server.key'
CONF
  [ -z "$extension" ] || cat >>"$root/clusters/$name/postgresql.conf" <<CONF
shared_preload_libraries = 'timescaledb'
timescaledb.telemetry_level = off
timescaledb.max_background_workers = 0
CONF
  printf 'host all keyed 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n' >"$root/clusters/$name/pg_hba.conf"
  start "$name"
  inside $bin/psql -qX -h 127.0.0.1 -p "$port" -U ringside postgres -c "create role keyed login createdb password 'right horse'" >/dev/null
}

# Without our standard streams: whoever reads them to the end must not wait for the server.
start() { inside $bin/pg_ctl -D "/clusters/$1" -w -t 30 -s -l "/clusters/$1/log" start </dev/null >/dev/null 2>&1 || { tail -5 "$root/clusters/$1/log" >&2; return 1; }; }

halt() { inside $bin/pg_ctl -D "/clusters/$1" -w -t 30 -s -m immediate stop </dev/null >/dev/null 2>&1 || true; }

down() {
  # Ctrl-C reaches us as well as the test that calls us; tidying up goes on.
  trap '' INT TERM
  halt "$1"
  rm -rf "${root:?}/clusters/$1"
}

with() {
  local why name port address
  if [ -n "${RINGSIDE_TEST_TIMESCALE:-}" ] && [ -n "${RINGSIDE_TEST_POSTGRES:-}" ]; then exec "$@"; fi
  if ! why=$(check) || ! why=$( (build) 2>&1 >/dev/null | tail -1; [ -e "$root/ready" ]); then
    say "not there: TimescaleDB and plain PostgreSQL; tests on them are left out: ${why#database bed: }"
    [ -z "${CI:-}" ] || fail "in CI all databases must be there"
    exec "$@"
  fi
  name=with-$$
  port=$(free_port "${RINGSIDE_TEST_PORT:-25440}")
  up "$name" "$port"
  # shellcheck disable=SC2064
  trap "down $name" EXIT
  address=postgres://ringside@127.0.0.1:$port/postgres
  export RINGSIDE_TEST_POSTGRES=${RINGSIDE_TEST_POSTGRES:-$address} RINGSIDE_TEST_BED=$here/bed.sh
  [ -z "$extension" ] || export RINGSIDE_TEST_TIMESCALE=${RINGSIDE_TEST_TIMESCALE:-$address}
  say "PostgreSQL $version ${extension:+with TimescaleDB (Apache edition) }on port $port"
  "$@"
}

case "${1-}" in
  check) check ;;
  build) build ;;
  up) up "$2" "$3" ;;
  kill) halt "$2" ;;
  start) start "$2" ;;
  down) down "$2" ;;
  port) free_port "${RINGSIDE_TEST_PORT:-25440}" ;;
  run) shift; inside "$bin/$1" "${@:2}" ;;
  authority) echo "$(cd "$root/tls" && pwd)/ca.crt" ;;
  with) shift; with "$@" ;;
  *) sed -n '2,24s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
