#!/bin/sh
# RabbitMQ with an administrator whose password is a secret; the parts' users are made by the set-up job.
set -eu
mkdir -p /etc/rabbitmq/conf.d
install -o rabbitmq -g rabbitmq -m 600 /run/secrets/rabbitmq_admin.conf /etc/rabbitmq/conf.d/50-admin.conf
install -o rabbitmq -g rabbitmq -m 600 /etc/fruitstore/rabbitmq.conf /etc/rabbitmq/conf.d/60-fruitstore.conf
# Erlang makes room for as many files as it may open, which can be gigabytes where the engine sets no limit.
[ "$(ulimit -n)" != unlimited ] && [ "$(ulimit -n)" -le 65536 ] || ulimit -n 65536
exec docker-entrypoint.sh rabbitmq-server
