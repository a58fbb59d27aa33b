#!/bin/sh
# Does what docker-compose.yml needs of the public image's entrypoint: a database cluster, made once, with its user,
# database and password.
set -eu
data=/var/lib/postgresql/data

if [ "$(id -u)" = 0 ]; then
  chown postgres: "$data"
  password=$(mktemp)
  cat "$POSTGRES_PASSWORD_FILE" >"$password"
  chown postgres: "$password"
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$password"
fi

if [ ! -s "$data/PG_VERSION" ]; then
  initdb --pgdata="$data" --username="$POSTGRES_USER" --pwfile="$1" --auth-host=scram-sha-256 --auth-local=trust
  echo 'host all all all scram-sha-256' >>"$data/pg_hba.conf"
  postgres --single -D "$data" postgres <<EOF
create database "$POSTGRES_DB" owner "$POSTGRES_USER"
EOF
fi
rm -f "$1"
exec postgres -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp
