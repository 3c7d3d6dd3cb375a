#!/usr/bin/env bats
# scripts/stand-in-images.sh: the images behave as the tests rely on.

load helper

setup_file() {
  docker version >/dev/null 2>&1 || return 0
  bash "$REPO/scripts/stand-in-images.sh" >&2
}

setup() {
  require_docker
  CONTAINER=launch-bats-$$-$BATS_TEST_NUMBER
}

teardown() {
  docker rm --force "$CONTAINER" >/dev/null 2>&1 || true
}

# $1 the port inside, then arguments of docker run.
start() {
  docker run --detach --name "$CONTAINER" --label launch.test=1 --publish "127.0.0.1::$1" "${@:2}" >/dev/null
  URL=http://$(docker port "$CONTAINER" "$1" | head -n 1)
}

fetch() {
  curl --silent --show-error --retry 20 --retry-delay 0 --retry-max-time 10 --retry-all-errors --max-time 5 "$@"
}

# Seconds in tenths that stopping takes.
stop_tenths() {
  local started=${EPOCHREALTIME/[.,]/}
  docker stop --time 10 "$CONTAINER" >/dev/null
  echo $(((${EPOCHREALTIME/[.,]/} - started) / 100000))
}

@test "the tags are printed, labelled, and not built again" {
  before=$(docker image inspect --format '{{.Id}}' launch-test/nginx:1 launch-test/nginx:2 launch-test/app:1)
  run -0 bash "$REPO/scripts/stand-in-images.sh"
  assert_equal "$output" $'launch-test/nginx:1\nlaunch-test/nginx:2\nlaunch-test/app:1'
  after=$(docker image inspect --format '{{.Id}}' launch-test/nginx:1 launch-test/nginx:2 launch-test/app:1)
  assert_equal "$after" "$before"
  run -0 docker image inspect --format '{{index .Config.Labels "launch.test"}}' launch-test/app:1
  assert_equal "$output" 1
}

@test "nginx serves its page, has wget for health checks, and stops at once" {
  start 80 launch-test/nginx:2
  assert_contains "$(fetch "$URL/")" 'release 2'
  run -0 docker exec "$CONTAINER" wget -q -O- http://127.0.0.1/
  assert_contains "$output" 'release 2'
  (($(stop_tenths) < 30))
  assert_equal "$(docker inspect --format '{{.State.ExitCode}}' "$CONTAINER")" 0
}

@test "the app answers, names its environment and keeps its values" {
  start 3000 --env VERSION=42 --env $'TOKEN=hush\nHUSH=no' launch-test/app:1
  assert_equal "$(fetch "$URL/version")" 42
  assert_equal "$(fetch "$URL/health")" ok
  names=$(fetch "$URL/env")
  assert_contains "$names" TOKEN
  assert_lacks "$names" hush
  assert_lacks "$names" HUSH
  (($(stop_tenths) < 30))
}

@test "an app that is not healthy answers 500" {
  start 3000 --env HEALTHY=false launch-test/app:1
  assert_equal "$(fetch --output /dev/null --write-out '%{http_code}' "$URL/version")" 200
  # No retries: curl takes a 500 for something that passes.
  assert_equal "$(curl --silent --output /dev/null --write-out '%{http_code}' "$URL/health")" 500
}

@test "an app crashes when told to, and says so" {
  start 3000 --env CRASH_AFTER=1 --env BOOT_SECONDS=5 launch-test/app:1
  assert_equal "$(timeout 10 docker wait "$CONTAINER")" 1
  assert_contains "$(docker logs "$CONTAINER" 2>&1)" 'CRASH_AFTER=1'
}
