# Programs from Debian's packages, unpacked into a folder of their own: sourced by the beds of databases, which set `suite`,
# `root` and `say`. Nothing is installed; it needs neither root nor Docker.
mirror=${RINGSIDE_DEBIAN_MIRROR:-http://deb.debian.org/debian}
nobody=65534

keyring() { echo "${RINGSIDE_DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}"; }

# Says in one line what is missing to unpack packages; status 0 if nothing is.
check_debian() {
  if [ "$(uname -s)" != Linux ]; then echo "needs Linux"; return 1; fi
  local need found=()
  for need in apt-get:apt dpkg-deb:dpkg unshare:util-linux chroot:coreutils; do
    command -v "${need%%:*}" >/dev/null || found+=("${need##*:}")
  done
  if [ "${#found[@]}" -gt 0 ]; then echo "needs Debian's ${found[*]}"; return 1; fi
  [ -f "$(keyring)" ] || { echo "needs Debian's debian-archive-keyring"; return 1; }
  [ "$(id -u)" = 0 ] || unshare -c true 2>/dev/null || { echo "may not make namespaces here"; return 1; }
}

# Downloads packages and what they need into the folder APT, by an apt that knows nothing of this machine's own packages.
download() {
  local apt=$1
  shift
  mkdir -p "$apt"/{lists/partial,cache/archives/partial,parts,preferences}
  : >"$apt/status"
  cat >"$apt/parts/bed.sources" <<SOURCES
Types: deb
URIs: $mirror
Suites: $suite
Components: main
Signed-By: $(keyring)
SOURCES
  local options=(-qq -o "Dir::State::lists=$apt/lists" -o "Dir::State::status=$apt/status" -o "Dir::Cache=$apt/cache"
    -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$apt/parts" -o Dir::Etc::preferences=/dev/null
    -o "Dir::Etc::preferencesparts=$apt/preferences" -o Debug::NoLocking=1 -o APT::Sandbox::User= -o Acquire::Retries=2
    -o Acquire::Languages=none -o Acquire::Check-Valid-Until=false)
  apt-get "${options[@]}" update >&2 || return 1
  apt-get "${options[@]}" --no-install-recommends --download-only -y install "$@" >&2
}

# Unpacks what was downloaded to APT into the folder NEW, but for what no server needs to run: just-in-time compilation, and
# what Debian starts services with.
unpack() {
  local apt=$1 new=$2 deb folder
  for deb in "$apt"/cache/archives/*.deb; do
    case ${deb##*/} in
      libllvm* | libz3* | perl* | libperl* | *-perl_* | systemd* | init-system* | locales* | libc-l10n* | adduser* | procps*) ;;
      *) dpkg-deb -x "$deb" "$new" ;;
    esac
  done
  # Older packages still hold /bin and /lib of their own.
  for folder in bin sbin lib lib64; do
    if [ -d "$new/$folder" ] && [ ! -L "$new/$folder" ]; then cp -a "$new/$folder/." "$new/usr/$folder/"; rm -rf "${new:?}/$folder"; fi
    mkdir -p "$new/usr/$folder"
    [ -e "$new/$folder" ] || ln -s "usr/$folder" "$new/$folder"
  done
  mkdir -p "$new"/{clusters,tmp,dev,etc}
  touch "$new"/dev/{null,zero,random,urandom}
  chmod 666 "$new"/dev/*
  chmod 1777 "$new/tmp"
  printf 'root:x:0:0::/:/bin/sh\ntests:x:%s:%s::/tmp:/bin/sh\n' "$(inside_id)" "$(inside_id)" >"$new/etc/passwd"
  printf '127.0.0.1 localhost\n' >"$new/etc/hosts"
}

# Who runs the server: databases refuse root.
inside_id() { if [ "$(id -u)" = 0 ]; then echo "$nobody"; else id -u; fi; }

# Runs a program of the folder, and in it.
inside() {
  if [ "$(id -u)" = 0 ]; then
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 chroot --userspec="$nobody:$nobody" "$root" "$@"
  else
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 unshare -c -R "$root" "$@"
  fi
}

# A port that nothing listens on, below those that connections are given: of ten from the one told.
free_port() {
  local port
  for port in $(seq "$1" "$(($1 + 9))"); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  say "no port is free"
  exit 1
}
