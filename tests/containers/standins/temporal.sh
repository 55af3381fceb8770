#!/bin/sh
# Stands in for the entrypoint of the image temporalio/server: the addresses that it looks up, then the server.
set -eu
if [ "$BIND_ON_IP" = 0.0.0.0 ]; then
    : "${TEMPORAL_BROADCAST_ADDRESS:=$(getent hosts "$(hostname)" | cut -d' ' -f1)}"
    export TEMPORAL_BROADCAST_ADDRESS
fi
exec temporal-server start
