#!/usr/bin/env bash
# A MariaDB on loopback, as the database of a FreePBX or an Issabel is one, for tests of imports: from Debian's packages,
# unpacked beside the build. Nothing is installed; it needs neither root nor Docker.
#
#   bed.sh check           say in one line what is missing; status 0 if nothing is
#   bed.sh build           make the folder with the programs (cached; a minute the first time)
#   bed.sh with COMMAND…   a server for as long as COMMAND runs, which finds it by RINGSIDE_TEST_MARIADB, an address of the
#                          user ringside, whose password is `right horse`, and who may make databases
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${RINGSIDE_TEST_CACHE:-${CARGO_TARGET_DIR:-$here/../../target}/mariadb}
suite=${RINGSIDE_TEST_SUITE:-trixie}
root=$cache/$suite
first_port=${RINGSIDE_TEST_MARIADB_PORT:-25480}

say() { printf '%s\n' "MariaDB bed: $*" >&2; }
fail() { say "$*"; exit 1; }
# shellcheck source=../debian.sh
. "$here/../debian.sh"

check() {
  [ -e "$root/ready" ] || check_debian
}

build() {
  [ -e "$root/ready" ] && return 0
  local why; why=$(check) || fail "$why"
  local partial=$root.partial new=$root.partial/new
  say "unpacking mariadb-server-core from Debian $suite into $root (once)"
  rm -rf "$partial"
  mkdir -p "$new"
  download "$partial/apt" mariadb-server-core mariadb-client-core dash coreutils sed \
    || fail "Debian's mariadb-server-core could not be fetched from $mirror"
  unpack "$partial/apt" "$new"
  [ "$(id -u)" != 0 ] || chown -R "$nobody:$nobody" "$new/clusters"
  rm -rf "$partial/apt" "$root"
  touch "$new/ready"
  mv "$new" "$root"
  rm -rf "$partial"
  say "$(inside /usr/sbin/mariadbd --version) is ready"
}

# Makes the files of a server and starts it in the background; its process is $server.
up() {
  local name=$1 port=$2 waited
  build
  inside mariadb-install-db --no-defaults --datadir="/clusters/$name" --auth-root-authentication-method=normal \
    --skip-test-db >/dev/null 2>&1 || fail "the server's files could not be made"
  inside /usr/sbin/mariadbd --no-defaults --datadir="/clusters/$name" --bind-address=127.0.0.1 --port="$port" \
    --socket="/tmp/$name.sock" --innodb-flush-log-at-trx-commit=0 --log-error="/clusters/$name/log.err" </dev/null >/dev/null 2>&1 &
  server=$!
  # shellcheck disable=SC2064
  trap "down $name" EXIT
  for waited in $(seq 300); do
    asked "$name" "select 1" >/dev/null 2>&1 && break
    kill -0 "$server" 2>/dev/null || { tail -5 "$root/clusters/$name/log.err" >&2; fail "the server did not start"; }
    [ "$waited" -lt 300 ] || fail "the server did not answer"
    sleep 0.1
  done
  asked "$name" "create user ringside@'%' identified by 'right horse'; grant all on *.* to ringside@'%'" || fail "no user could be made"
}

asked() { inside mariadb --no-defaults --socket="/tmp/$1.sock" -u root -e "$2"; }

down() {
  # Ctrl-C reaches us as well as the test that calls us; tidying up goes on.
  trap '' INT TERM
  asked "$1" shutdown 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  rm -rf "${root:?}/clusters/$1" "${root:?}/tmp/$1.sock"
}

with() {
  local why name port
  if [ -n "${RINGSIDE_TEST_MARIADB:-}" ]; then exec "$@"; fi
  if ! why=$(check) || ! why=$( (build) 2>&1 >/dev/null | tail -1; [ -e "$root/ready" ]); then
    say "not there: MariaDB; tests of imports from it are left out: ${why#MariaDB bed: }"
    [ -z "${CI:-}" ] || fail "in CI all databases must be there"
    exec "$@"
  fi
  name=with-$$
  port=$(free_port "$first_port")
  up "$name" "$port"
  export RINGSIDE_TEST_MARIADB="mysql://ringside:right%20horse@127.0.0.1:$port/mysql"
  say "MariaDB on port $port"
  "$@"
}

case "${1-}" in
  check) check ;;
  build) build ;;
  with) shift; with "$@" ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
