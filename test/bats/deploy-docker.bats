#!/usr/bin/env bats
# scripts/deploy-docker.sh, and the services of this repository that use it.

load helper

setup_file() {
  docker version >/dev/null 2>&1 || return 0
  bash "$REPO/scripts/stand-in-images.sh" >&2
}

setup() {
  export COMPOSE_PROJECT_NAME=launch-bats-$$-$BATS_TEST_NUMBER
  unset COMPOSE_FILE
  stderr= # set by run --separate-stderr
  FOLDER="$BATS_TEST_TMPDIR/a service"
  mkdir -p "$FOLDER"
}

teardown() {
  docker compose --project-name "$COMPOSE_PROJECT_NAME" down --timeout 1 >/dev/null 2>&1 || true
}

deploy() {
  run "$@" --separate-stderr "$REPO/scripts/deploy-docker.sh" --timeout 20 "$FOLDER"
}

write_compose() {
  cat >"$FOLDER/compose.yml"
}

@test "a healthy service is started, and started again without a change" {
  require_docker
  write_compose <<'YAML'
services:
  app:
    image: launch-test/app:1
    init: true
YAML
  LAUNCH_SERVICE=shop LAUNCH_TARGET=homelab LAUNCH_RELEASE=r1 deploy -0
  assert_contains "$stderr" 'starting shop on homelab (release r1)'
  assert_contains "$stderr" 'shop is up'
  assert_equal "$output" ''
  first=$(docker compose --project-name "$COMPOSE_PROJECT_NAME" ps --quiet)
  deploy -0
  assert_equal "$(docker compose --project-name "$COMPOSE_PROJECT_NAME" ps --quiet)" "$first"
}

@test "a container that ends is a failure, with its last lines" {
  require_docker
  write_compose <<'YAML'
services:
  app:
    image: launch-test/app:1
    entrypoint: [/bin/sh, -c, "echo the settings are missing; exit 3"]
YAML
  deploy -1
  assert_contains "$stderr" 'the settings are missing'
  assert_contains "$stderr" 'did not start'
}

@test "a compose file that is refused leaves what runs alone" {
  require_docker
  write_compose <<<'services: { app: { image: launch-test/app:1 } }'
  deploy -0
  first=$(docker compose --project-name "$COMPOSE_PROJECT_NAME" ps --quiet)
  write_compose <<<'services: { app: { imgae: launch-test/app:1 } }'
  deploy -1
  assert_contains "$stderr" "imgae"
  assert_contains "$stderr" 'compose refuses'
  assert_equal "$(docker ps --quiet --no-trunc --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME")" \
    "$(docker inspect --format '{{.Id}}' "$first")"
}

@test "a container that the file no longer names is removed" {
  require_docker
  write_compose <<<'services: { one: { image: launch-test/app:1 }, two: { image: launch-test/app:1, stop_grace_period: 1s } }'
  deploy -0
  write_compose <<<'services: { one: { image: launch-test/app:1 } }'
  deploy -0
  assert_equal "$(docker compose --project-name "$COMPOSE_PROJECT_NAME" ps --services)" one
}

@test "what is wrong is said in a sentence" {
  stub_docker=$BATS_TEST_TMPDIR/bin
  mkdir -p "$stub_docker"
  printf '#!/bin/sh\n[ "$*" = "compose version" ]\n' >"$stub_docker/docker"
  chmod +x "$stub_docker/docker"
  PATH="$stub_docker:$PATH" deploy -1
  assert_contains "$stderr" "there is no compose file in $FOLDER"
  printf '#!/bin/sh\nexit 1\n' >"$stub_docker/docker"
  PATH="$stub_docker:$PATH" deploy -1
  assert_contains "$stderr" 'no compose plugin'
  run -2 "$REPO/scripts/deploy-docker.sh" --timeout soon
  run -2 "$REPO/scripts/deploy-docker.sh" --nonsense
  run -1 "$REPO/scripts/deploy-docker.sh" "$BATS_TEST_TMPDIR/nowhere"
  assert_contains "$output" 'there is no folder'
  run -0 "$REPO/scripts/deploy-docker.sh" --help
  assert_contains "$output" 'Usage: scripts/deploy-docker.sh'
}

@test "the test service deploys itself, answers, and its health check tells good from bad" {
  require_docker
  port=$(free_port)
  export TEST_SERVICE_PORT=$port TEST_SERVICE_IMAGE=launch-test/nginx:1
  run -1 "$REPO/services/test-service/health-check.sh"
  assert_contains "$output" 'unhealthy'
  run -0 "$REPO/services/test-service/deploy.sh"
  run -0 "$REPO/services/test-service/health-check.sh"
  run -0 curl --silent --fail "http://127.0.0.1:$port/"
  assert_contains "$output" 'Launch test service'
}

@test "the example service deploys itself" {
  require_docker
  export EXAMPLE_PORT EXAMPLE_IMAGE=launch-test/nginx:1
  EXAMPLE_PORT=$(free_port)
  run -0 "$REPO/services/example-service/deploy.sh"
  run -0 "$REPO/services/example-service/health-check.sh"
}
