#!/usr/bin/env bash
# A real Asterisk and real SIP carriers on loopback, for end-to-end tests.
#
#   bed.sh check            say in one line what is missing; status 0 if nothing is
#   bed.sh build            make the Asterisk root (cached; a minute the first time)
#   bed.sh up DIR           write the configuration of one instance into DIR, start its carriers and its Asterisk
#   bed.sh pbx-kill DIR     end Asterisk as a power cut would
#   bed.sh pbx-start DIR    start it again
#   bed.sh carrier-kill DIR NAME   end one carrier (answer, busy, congested, silent)
#   bed.sh down DIR         end all that `up` started; logs stay in DIR
#
# Ports come from the environment (see `ports` below) so that several instances can run side by side.
# Asterisk runs as its own tree of processes in its own mount namespace: when it ends, its mounts are gone.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${RINGSIDE_ASTERISK_ROOT:-$here/../.cache/asterisk-root}
suite=sid
mirror=${RINGSIDE_DEBIAN_MIRROR:-http://deb.debian.org/debian}
carriers=(answer busy congested silent agent)

say() { printf '%s\n' "asterisk bed: $*" >&2; }
fail() { say "$*"; exit 1; }

# What the bed needs, as "command:Debian package".
needs=(sipp:sip-tester mmdebstrap:mmdebstrap unshare:util-linux chroot:coreutils)

missing() {
  local need found=()
  for need in "${needs[@]}"; do
    command -v "${need%%:*}" >/dev/null || found+=("${need##*:}")
  done
  printf '%s' "${found[*]-}"
}

check() {
  if [ "$(uname -s)" != Linux ]; then echo "needs Linux"; return 1; fi
  if [ "$(id -u)" != 0 ]; then echo "needs root (chroot and mount namespaces)"; return 1; fi
  local absent; absent=$(missing)
  if [ -n "$absent" ]; then
    if command -v apt-get >/dev/null; then echo "needs: apt-get install $absent"; else echo "needs the Debian packages $absent"; fi
    return 1
  fi
  unshare --mount --pid --fork true 2>/dev/null || { echo "may not make namespaces here"; return 1; }
}

install_needs() {
  local absent; absent=$(missing)
  [ -n "$absent" ] || return 0
  command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || return 0
  say "installing $absent"
  # shellcheck disable=SC2086
  apt-get install -y --no-install-recommends $absent >&2 || { apt-get update >&2 && apt-get install -y --no-install-recommends $absent >&2; }
}

build() {
  install_needs
  local why; why=$(check) || fail "$why"
  [ -x "$root/usr/sbin/asterisk" ] && return 0
  local partial=$root.partial
  say "unpacking Asterisk from Debian $suite into $root (once)"
  mkdir -p "$(dirname "$root")"
  rm -rf "$partial"
  mmdebstrap --quiet --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' \
    --include=asterisk,asterisk-modules,procps --components=main \
    "$suite" "$partial" "deb $mirror $suite main" >&2
  mv "$partial" "$root"
  say "$(chroot "$root" asterisk -V) is ready"
}

ports() {
  : "${AMI_PORT:=15038}" "${SIP_PORT:=15060}" "${RTP_FROM:=21000}" "${RTP_TO:=21999}"
  : "${ANSWER_PORT:=15071}" "${BUSY_PORT:=15072}" "${CONGESTED_PORT:=15073}" "${SILENT_PORT:=15074}" "${AGENT_PORT:=15075}" "${DEAD_PORT:=15079}"
}

port_of() {
  local name=${1^^}_PORT
  printf '%s' "${!name}"
}

# Each etc/*.conf is a template: @NAME@ becomes the value of $NAME.
configure() {
  local dir=$1 modules template text name
  ports
  modules=$(cd "$root" && echo usr/lib/*/asterisk/modules)
  MODULES=/$modules
  mkdir -p "$dir"/{etc,run,db,log,spool,sip}
  for template in "$here"/etc/*.conf; do
    text=$(<"$template")
    for name in MODULES AMI_PORT SIP_PORT RTP_FROM RTP_TO ANSWER_PORT BUSY_PORT CONGESTED_PORT SILENT_PORT AGENT_PORT DEAD_PORT; do
      text=${text//@$name@/${!name}}
    done
    printf '%s\n' "$text" >"$dir/etc/${template##*/}"
  done
}

carriers_start() {
  local dir=$1 name
  for name in "${carriers[@]}"; do
    # -aa answers OPTIONS, so that Asterisk sees the contact as reachable; every message is logged with its
    # time, which is what the test takes as the carrier's own account of each call.
    (cd "$dir/sip" && exec sipp -sf "$here/carriers/$name.xml" -i 127.0.0.1 -p "$(port_of "$name")" -ci 127.0.0.1 -aa \
      -trace_msg -message_file "$name.messages" -message_overwrite false \
      -trace_err -error_file "$name.errors" -timer_resol 1 -nostdin \
      </dev/null >"$name.out" 2>&1) &
    echo $! >"$dir/sip/$name.pid"
    disown
  done
}

pbx_start() {
  local dir=$1 instance; instance=$(cd "$dir" && pwd)
  [ -x "$root/usr/sbin/asterisk" ] || fail "no Asterisk at $root: bed.sh build"
  # shellcheck disable=SC2016
  setsid unshare --mount --pid --fork --kill-child bash -c '
    set -e
    mount --make-rprivate /
    mount --rbind /dev "$1/dev"
    mount -t proc proc "$1/proc"
    mkdir -p "$1/instance"
    mount --bind "$2" "$1/instance"
    exec chroot "$1" asterisk -f -C /instance/etc/asterisk.conf
  ' bed "$(cd "$root" && pwd)" "$instance" </dev/null >>"$dir/log/console" 2>&1 &
  echo $! >"$dir/pbx.pid"
  disown
}

gone() {
  local pid=$1 waited=0
  while kill -0 "$pid" 2>/dev/null; do
    waited=$((waited + 1))
    [ "$waited" -gt 200 ] && return 1
    sleep 0.05
  done
}

end_pid() {
  local file=$1 signal=$2 pid
  [ -f "$file" ] || return 0
  pid=$(<"$file")
  kill "-$signal" "$pid" 2>/dev/null || true
  gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
  rm -f "$file"
}

# The process on file is `unshare`; with --kill-child its end takes Asterisk (process 1 of its namespace) along.
pbx_kill() { end_pid "$1/pbx.pid" KILL; }

down() {
  local dir=$1 name
  # Ctrl-C reaches us as well as the test that calls us; tidying up goes on.
  trap '' INT TERM
  pbx_kill "$dir"
  for name in "${carriers[@]}"; do end_pid "$dir/sip/$name.pid" KILL; done
}

case "${1-}" in
  check) install_needs; check ;;
  build) build ;;
  up) build; configure "$2"; carriers_start "$2"; pbx_start "$2" ;;
  pbx-start) pbx_start "$2" ;;
  pbx-kill) pbx_kill "$2" ;;
  carrier-kill) end_pid "$2/sip/$3.pid" KILL ;;
  down) down "$2" ;;
  *) sed -n '2,13s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
