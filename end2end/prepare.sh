#!/bin/sh
# What the browser tests need: Node, the packages of package-lock.json, and a Chromium. Installs what it may, and where
# it may not, says in one line what to type.
set -eu
cd "$(dirname "$0")"

# apt_or_say PACKAGES LINE: root on Debian or Ubuntu installs; anyone else is told.
apt_or_say() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing $1 (apt-get)"
        apt-get update -qq
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1 >/dev/null
    else
        echo "$2" >&2
        exit 1
    fi
}

if ! command -v npm >/dev/null; then
    apt_or_say "nodejs npm" "The browser tests need Node 20 or newer: sudo apt install nodejs npm, or brew install node"
fi

# npm leaves this file behind when it is done; a newer lock file means other packages.
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    echo "installing Playwright (npm ci)"
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error
    touch node_modules/.package-lock.json
fi

# Ubuntu's package is a snap in disguise, which containers cannot run: there Playwright fetches its own.
if ! node find-chromium.mjs >/dev/null && [ "$(id -u)" = 0 ] && grep -qs '^ID=ubuntu' /etc/os-release; then
    echo "installing Chromium (npx playwright install)"
    npx playwright install --with-deps chromium
fi
if ! node find-chromium.mjs >/dev/null; then
    apt_or_say chromium "The browser tests need Chromium: sudo apt install chromium, or: cd end2end && npx playwright install chromium"
fi
echo "node $(node --version), $(node find-chromium.mjs)"
