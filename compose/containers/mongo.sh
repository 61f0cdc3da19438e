#!/bin/sh
# mongod as one member of a replica set, with authentication. Its socket lies where the set-up job finds it: over that,
# and only while there is no user, the first administrator can be made.
set -eu
install -d -o mongodb -g mongodb -m 700 /keys
install -o mongodb -g mongodb -m 400 /run/secrets/mongo_keyfile /keys/keyfile
chown mongodb:mongodb /sockets && chmod 755 /sockets
exec docker-entrypoint.sh mongod --bind_ip_all --replSet fruitstore --keyFile /keys/keyfile \
    --unixSocketPrefix /sockets --filePermissions 0777 --wiredTigerCacheSizeGB "${MONGO_CACHE_GB:-0.25}" \
    --oplogSize 512 --quiet
