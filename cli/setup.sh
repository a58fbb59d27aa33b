#!/bin/sh
# Installs the npm packages, Node 24 among them, when they are missing or older than the lock file. npm puts
# node_modules/.bin first on the PATH of its scripts, so what they start afterwards runs on that Node.
set -eu
cd -- "${0%/*}/.."

fresh() {
  [ -x node_modules/.bin/node ] && [ ! package-lock.json -nt node_modules/.package-lock.json ]
}

fail() {
  printf 'durapod: %s\n' "$1" >&2
  exit 1
}

if fresh; then exit 0; fi
command -v npm >/dev/null || fail 'npm is not installed: install Node.js with npm (Debian: apt-get install npm)'

# One installation at a time; the kernel gives the lock back however this ends. It is held on a file that is always there.
exec 9<package.json
if command -v flock >/dev/null; then
  flock -n 9 || {
    echo 'npm packages: waiting for another start that installs them' >&2
    flock -w 900 9 || fail 'another start still installs the npm packages after 15 min: end it, then try again'
  }
  if fresh; then exit 0; fi
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
began=$(date +%s)
how=ci
[ -f package-lock.json ] || how=install
printf 'npm packages, Node 24 among them … ' >&2
if ! npm "$how" --no-progress >"$log" 2>&1 9<&-; then
  echo failed >&2
  { grep -m 4 'npm error' "$log" || tail -n 4 "$log"; } | cut -c 1-300 >&2
  fail "\`npm $how\` failed in $(pwd): check the network and npm's settings, then try again"
fi
[ -x node_modules/.bin/node ] || fail "\`npm $how\` did not install Node 24: allow npm to run install scripts (npm config get ignore-scripts)"
touch node_modules/.package-lock.json
echo "$(($(date +%s) - began)) s" >&2
