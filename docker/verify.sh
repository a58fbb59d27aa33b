#!/bin/sh
# Brings docker-compose.yml up, plays the session of examples/initc.yaml with kubectl from this machine, restarts what
# can be restarted, and takes all of it down again, volumes included. Needs docker with compose, and kubectl.
set -eu
cd -- "${0%/*}/.."
# A project of its own: a durapod that is up already keeps its volumes.
export COMPOSE_PROJECT_NAME=durapod-verify
directory=$(mktemp -d)
export KUBECONFIG="$directory/kubeconfig"

finish() {
  code=$?
  if [ "$code" -ne 0 ]; then docker compose ps --all; docker compose logs --tail 20 control join node; fi >&2
  docker compose down --volumes --timeout 30
  rm -rf "$directory"
  exit "$code"
}
trap finish EXIT

say() { printf '\n# %s\n' "$*"; }
run() { printf '$ %s\n' "$*"; "$@"; }

# Waits until a column of `kubectl get pod` (by its number) reads as wanted.
until_column() {
  for _ in $(seq 120); do
    found=$(kubectl get pod myapp-pod --no-headers | awk -v column="$1" '{ print $column }')
    if [ "$found" = "$2" ]; then return; fi
    sleep 0.5
  done
  echo "waited a minute for $2 of myapp-pod, it is: $found" >&2
  return 1
}
status_is() { until_column 3 "$1"; run kubectl get pod myapp-pod; }

# Repeats, for a minute at most, what fails while a container has not started yet.
patiently() {
  for _ in $(seq 60); do
    if "$@" >/dev/null 2>&1; then printf '$ %s\n' "$*"; return; fi
    sleep 1
  done
  run "$@"
}
# Unblocks both init containers and sees the Pod run.
let_run() {
  status_is Init:0/2
  patiently kubectl exec myapp-pod --container init-myapp -- touch /root/myapp
  status_is Init:1/2
  patiently kubectl exec myapp-pod --container init-mydb -- touch /root/mydb
  status_is Running
}
says() { kubectl logs myapp-pod --container "$1" | grep --quiet "$2"; }

expect() {
  wanted=$1
  shift
  found=$("$@")
  [ "$found" = "$wanted" ] || { echo "expected \"$wanted\" of: $*; got \"$found\"" >&2; return 1; }
}

say 'up'
run docker compose up --detach --wait
run docker compose cp control:/var/lib/durapod/kubeconfig "$KUBECONFIG"
patiently kubectl get node node
run kubectl wait --for=condition=Ready node/node --timeout=60s
run kubectl get nodes --output wide

say 'the session'
run kubectl create --filename examples/initc.yaml
patiently says init-myapp 'no such file or directory!'
let_run
run kubectl wait --for=condition=Ready pod/myapp-pod --timeout=30s
patiently says myapp-container 'The app is running!'
started=$(kubectl get pod myapp-pod --output 'jsonpath={.status.containerStatuses[0].state.running.startedAt}')

say 'durapod, Temporal and PostgreSQL are killed; the Pod does not notice'
run docker compose kill control temporal postgres
run docker compose up --detach --wait
expect "$started" kubectl get pod myapp-pod --output 'jsonpath={.status.containerStatuses[0].state.running.startedAt}'
expect 'The app is running!' kubectl logs myapp-pod --container myapp-container
run kubectl get pod myapp-pod

say 'the node is switched off and on; the Pod begins anew with its init containers'
run docker compose kill node
run docker compose up --detach --wait
let_run

say 'all of it is taken down and brought up again, elsewhere in its network; the Pod begins anew, and soon'
run docker compose down
run docker compose up --detach --wait
run kubectl wait --for=condition=Ready=false pod/myapp-pod --timeout=20s
let_run

say 'a Pod written while Temporal is away starts once it is back'
run docker compose stop temporal
run kubectl delete pod myapp-pod --wait=false
run kubectl create --filename examples/shared-volume.yaml
run docker compose up --detach --wait
run kubectl wait --for=delete pod/myapp-pod --timeout=60s
run kubectl wait --for=condition=Ready pod/web --timeout=60s
run kubectl delete pod web

say 'the end'
expect '' kubectl get pods --output name
echo 'all of it went as it should'
