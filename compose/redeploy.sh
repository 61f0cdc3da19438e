#!/bin/sh
# Replaces the parts of a running system one after the other, start-first: new containers come up beside the old
# ones, and only when they are healthy the old ones drain and go. Nobody who uses the system notices.
#
# Usage: FRUITSTORE_IMAGE=fruitstore:2 sh compose/redeploy.sh [--no-prepare] [SERVICE...]
#
#   SERVICE       order payment delivery bff mypage edge; without: all of them, in this order
#   --no-prepare  without the set-up job of the new image, which comes first otherwise
#
# It goes by the same environment and compose/.env as docker compose, and by COMPOSE_FILE where the system is made of
# more than one file. What is as it should be already stays, so a run that was interrupted is finished by another.
# Where new containers do not become healthy within REDEPLOY_SECONDS (120) they are taken away, the old ones go on, and
# the exit status is 1: it has rolled back. To go back to an older version, name its image. MongoDB and RabbitMQ are no
# part of this.
set -eu

usage() { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0"; }
say() { echo "$(date +%H:%M:%S) $*"; }
fail() { echo "redeploy: $*" >&2 && exit 1; }
if [ "${COMPOSE_FILE:-}" ]; then
    named=
    compose() { docker compose "$@"; }
else
    named="--file compose/compose.yaml "
    compose() { docker compose --file "$here/compose.yaml" "$@"; }
fi
quietly() { said=$("$@" 2>&1) || { echo "$said" >&2 && return 1; }; }

here=$(cd "$(dirname "$0")" && pwd)
patience=${REDEPLOY_SECONDS:-120}
prepare=yes
services=
for word; do
    case $word in
    -h | --help) usage && exit ;;
    --no-prepare) prepare= ;;
    order | payment | delivery | mypage | bff | edge) services="$services $word" ;;
    *) fail "there is no $word to redeploy; --help says what there is." ;;
    esac
done
services=${services:-order payment delivery bff mypage edge}

# The ids of a service's containers, whatever their state; and what makes a container an old or a new one.
containers() {
    docker ps --all --quiet --no-trunc --filter "label=com.docker.compose.project=$project" \
        --filter "label=com.docker.compose.service=$1" --filter label=com.docker.compose.oneoff=False
}
made_of() { docker inspect --format '{{index .Config.Labels "com.docker.compose.config-hash"}} {{.Image}}' "$1"; }
health() { docker inspect --format '{{.State.Status}} {{with .State.Health}}{{.Status}}{{end}}' "$1"; }
count() { echo $#; }
among() { one_of=$1 && shift && case " $* " in *" $one_of "*) ;; *) false ;; esac; }

# Until all of them are healthy: false where one has ended for good, or after so many seconds.
healthy() {
    deadline=$(($(date +%s) + patience))
    while :; do
        waiting=
        for id; do
            case $(health "$id") in
            "running healthy") ;;
            exited* | dead*) return 1 ;;
            *) waiting=yes ;;
            esac
        done
        [ -n "$waiting" ] || return 0
        [ "$(date +%s)" -lt $deadline ] || return 1
        sleep 1
    done
}

roll_back() { # SERVICE, and its new containers
    service=$1 && shift
    for id; do
        docker logs --tail 3 "$id" >&2 || true
    done
    quietly docker rm --force --volumes "$@" || true
    fail "the new $service did not become healthy: it was taken away, and the old one goes on."
}

# So many containers of a service: what is missing is made, and not started. As docker compose up makes them: with
# up --no-deps they would be others to it, and it would make them anew.
more() { quietly compose create --no-build --no-recreate --scale "$1=$2" "$1"; }

# One more container, not started yet, tells what new ones are made of: sorts what is there into $old and $new.
sort_out() {
    before=$(containers "$1")
    there=$(count $before)
    [ "$there" -gt 0 ] || fail "$1 does not run: bring it up first, with docker compose up."
    more "$1" $((there + 1)) || fail "no new $1 can be made."
    for id in $(containers "$1"); do
        among "$id" $before || one=$id
    done
    what=$(made_of "$one")
    quietly docker rm "$one"
    old= new=
    for id in $before; do
        if [ "$(made_of "$id")" = "$what" ]; then new="$new $id"; else old="$old $id"; fi
    done
}

redeploy() {
    sort_out "$1"
    [ -n "$old" ] || { say "$1: as it should be." && return; }
    wanted=$(count $old)
    [ "$wanted" -ge "$(count $new)" ] || wanted=$(count $new)
    say "$1: $wanted new beside $(count $old) old."
    more "$1" $(($(count $old) + wanted)) || fail "no new $1 can be made."
    new=
    for id in $(containers "$1"); do
        among "$id" $old || new="$new $id"
    done
    quietly docker start $new && healthy $new || roll_back "$1" $new
    say "$1: the new are healthy; the old drain."
    quietly docker stop $old
    quietly docker rm --volumes $old
    say "$1: done."
}

# Only one container can publish the edge's port; its configuration changes without anybody noticing.
redeploy_edge() {
    quietly compose exec -T edge caddy reload --config - --adapter caddyfile <"$here/containers/Caddyfile" ||
        fail "the edge does not take its Caddyfile, and goes on with the old one."
    say "edge: its Caddyfile is taken in."
    sort_out edge
    [ -z "$old" ] || say "edge: its image or its settings are others, too. For those it has to be away for a second or two:" \
        "docker compose ${named}up --detach edge"
}

config=$(compose config) || fail "compose/compose.yaml cannot be read with these settings."
project=$(echo "$config" | awk '/^name:/ { print $2; exit }')
image=$(echo "$config" | awk '/^  order:/ { here = 1 } here && /^    image:/ { print $2; exit }')

# One at a time: a second one waits until the first is done, and then finds all as it should be.
if command -v flock >/dev/null; then
    exec 9<"$here/compose.yaml"
    flock -n 9 || { say "Another redeploy is under way: waiting for it." && flock 9; }
fi

docker image inspect "$image" >/dev/null 2>&1 || quietly docker pull --quiet "$image" ||
    fail "there is no image $image here, and none can be pulled."
say "$project: to $image."
if [ -n "$prepare" ]; then
    compose run --rm --no-deps -T setup </dev/null || fail "the set-up job of $image failed: nothing was replaced."
fi
for service in $services; do
    if [ "$service" = edge ]; then redeploy_edge; else redeploy "$service"; fi
done
say "All done."
