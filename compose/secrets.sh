#!/bin/sh
# Makes the secrets that containers are given as files, each once: what is there already is kept.
# Usage: compose/secrets.sh [FOLDER]   (compose/.secrets)
set -eu
case ${1:-} in -h | --help) sed -n '2,3s/^# //p' "$0" && exit ;; esac

folder=${1:-$(dirname "$0")/.secrets}
mkdir -p "$folder"
chmod 700 "$folder" # whoever cannot come in here cannot read what is in it; containers are handed single files
cd "$folder"

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
made() { [ -s "$1" ] || { cat >"$1.new" && chmod 444 "$1.new" && mv "$1.new" "$1"; }; }

for name in service_secret auth_jwt_secret mongo_keyfile mongo_admin_password rabbitmq_admin_password grafana_password; do
    random | made "$name"
done
printf 'default_user = admin\ndefault_pass = %s\n' "$(cat rabbitmq_admin_password)" | made rabbitmq_admin.conf
for part in order payment delivery mypage bff; do
    echo "mongodb://$part:$(random)@mongo:27017/?replicaSet=fruitstore&authSource=admin" | made "${part}_mongo_url"
    echo "amqp://$part:$(random)@rabbitmq:5672/" | made "${part}_rabbitmq_url"
done
echo "The secrets are in $(pwd)." >&2
