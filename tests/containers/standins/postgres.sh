#!/bin/sh
# Stands in for the entrypoint of the image postgres: its documented variables, its order of things. The data is given to
# its user, made when it is missing by a server that listens on the socket only, then the command is run.
set -eu
export PATH="/usr/lib/postgresql/17/bin:$PATH" PGDATA=/var/lib/postgresql/data
if [ "$(id -u)" = 0 ]; then
    chown postgres: "$PGDATA" /var/run/postgresql
    chmod 700 "$PGDATA"
    exec gosu postgres "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    secret=$(mktemp)
    printf '%s' "$POSTGRES_PASSWORD" >"$secret"
    # shellcheck disable=SC2086 # several options in one variable
    initdb --username=postgres --pwfile="$secret" --pgdata="$PGDATA" $POSTGRES_INITDB_ARGS
    rm "$secret"
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
    pg_ctl --pgdata="$PGDATA" --options="-c listen_addresses=''" --wait start
    pg_ctl --pgdata="$PGDATA" --mode=fast --wait stop
fi
exec "$@"
