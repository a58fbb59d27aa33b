#!/bin/sh
# Makes a privileged container fit to run containers itself, then becomes durapod.
set -eu

# cgroup v2 hands controllers down only from a group that has no processes of its own, so ours move into one beside
# those of the Pods.
root=/sys/fs/cgroup
if [ -f "$root/cgroup.controllers" ]; then
  mkdir -p "$root/durapod"
  while read -r pid; do
    # A process may have ended meanwhile.
    echo "$pid" >"$root/durapod/cgroup.procs" 2>/dev/null || true
  done <"$root/cgroup.procs"
  for controller in $(cat "$root/cgroup.controllers"); do
    echo "+$controller" >"$root/cgroup.subtree_control" || true
  done
fi

# Pods that ask for mounts to be passed on (mountPropagation) need a shared tree, which a container does not start with.
mount --make-rshared /

exec node /app/cli/main.ts "$@"
