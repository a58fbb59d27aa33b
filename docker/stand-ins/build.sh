#!/bin/sh
# Builds the stand-ins in the Docker engine at DOCKER_HOST and tags them with the public images' names.
#   build.sh CONTEXT
# CONTEXT holds rootfs.tar (debootstrap --variant=minbase bookworm, as a tar), ca-certificates.crt, npm/ (the package),
# bin/{node,temporal,temporal-server,temporal-sql-tool,temporal-ui}, ui-config/ and temporal-entrypoint.sh (both from
# the Go modules the two servers are built of).
set -eu
: "${DOCKER_HOST:?set it to a private engine: these tags would hide the public images}"
context=$1
cd -- "${0%/*}"
cp postgres-entrypoint.sh "$context/"

build() {
  target=$1 tags=
  shift
  for tag; do tags="$tags --tag $tag"; done
  # shellcheck disable=SC2086
  docker build --network host --file Dockerfile --target "$target" $tags "$context"
}

build node node:24-bookworm-slim
build postgres postgres:16
build temporal temporalio/server:1.32.1 temporalio/admin-tools:1.32.1
build temporal-ui temporalio/ui:2.55.0
