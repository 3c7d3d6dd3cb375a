#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2034
# scripts/setup-runner.sh again: the second run, a run after one that was cut off, --dry-run and --remove. What they
# change is seen by a listing of the whole disk.

load helper
load runner-machine

setup_file() {
  make_archives
  export ARCHIVES
}

setup() {
  require_machine
  start_github
  make_machine debian 12
  with_api
  # bash is killed before the change of this number, or before a command that begins so.
  write /fixtures/kill <<'KILL'
set -o functrace
CHANGES=0
trap 'if [[ $BASH_COMMAND == "change "* && ${FUNCNAME[0]:-} != change ]]; then CHANGES=$((CHANGES + 1)); fi
  if [[ $0 == */setup-runner.sh && ( $CHANGES == "${KILL_AT:-none}" || $BASH_COMMAND == "${KILL_BEFORE:-none}"* ) ]]; then kill -KILL $$; fi' DEBUG
KILL
}

teardown() {
  shut_down
}

listener() {
  inside cat /fixtures/systemd/pid/launch-runner.service
}

# The paths whose line of the listing is another now. $1 the listing before.
changed_since() {
  diff <(printf '%s\n' "$1") <(listing times) | sed -n 's/^[<>] //p' | grep -v -E '^[0-9a-f]{64} ' |
    cut -d ' ' -f 1 | sort -u
}

@test "twice in a row changes nothing the second time" {
  set_up
  before=$(listing times)
  process=$(listener)
  run -0 set_up
  assert_same_listing "$before" "$(listing times)"
  assert_equal "$(listener)" "$process"
  assert_lacks "$output" '==>'
  # Not even a token is needed.
  SETUP_ENV=()
  run -0 set_up </dev/null
  assert_same_listing "$before" "$(listing times)"
}

@test "a changed option changes that and nothing else" {
  set_up
  before=$(listing times)
  process=$(listener)
  run -0 set_up --allow-ref refs/heads/main --allow-ref 'refs/tags/v*'
  assert_equal "$(changed_since "$before")" $'etc/launch\netc/launch/runner-policy'
  assert_equal "$(listener)" "$process"

  run -0 raw_set_up --repository acme/shop --labels homelab,gpu --allow-ref refs/heads/main --allow-ref 'refs/tags/v*'
  assert_equal "$(github_state '[.runners[].labels[3:]]')" '[["homelab","gpu"]]'
  [[ $(listener) != "$process" ]]
  assert_equal "$(grep -v -E '^(opt/launch-runner/2.336.0(/(_diag(/.*)?|\..*))?|etc/launch(/runner-(arguments|policy|record))?|etc/systemd/system(/launch-runner.service)?)$' <(changed_since "$before"))" ''
  # Elsewhere: the old registration goes.
  run -0 set_up --name homelab-2
  assert_equal "$(github_state '[.runners[] | [.name, .online]]')" '[["homelab-2",true]]'
}

@test "what somebody has changed by hand is put right" {
  set_up
  inside sh -c 'echo "ref refs/heads/*" >>/etc/launch/runner-policy; chmod 777 /usr/local/lib/launch/job-started.sh
    chmod 700 /var/lib/launch; gpasswd -d launch-runner docker; systemctl disable launch-runner.service
    echo ACTIONS_RUNNER_HOOK_JOB_STARTED= >/opt/launch-runner/2.336.0/.env'
  run -0 set_up
  assert_lacks "$output" FAILED
  assert_lacks "$(file /etc/launch/runner-policy)" 'refs/heads/*'
  run -0 set_up
  assert_lacks "$output" '==>'
}

@test "killed before any change, the next run goes on: in the end it is as if nothing had happened" {
  clean=$(listing_without_copies)
  runs=0
  until
    run inside BASH_ENV=/fixtures/kill KILL_AT=2 GITHUB_API_URL="$ORIGIN/api" LAUNCH_RUNNER_RELEASES="$ORIGIN/releases" \
      LAUNCH_DOCKER_APT="$ORIGIN/docker" GITHUB_TOKEN="$API_KEY" bash /root/setup-runner.sh --repository acme/shop --labels homelab
    [[ $status == 0 ]]
  do
    assert_equal "$status" 137
    runs=$((runs + 1))
    ((runs < 60)) || fail "$output"
  done
  ((runs > 20)) || fail "only $runs runs were killed"
  assert_lacks "$output" FAILED
  assert_nothing_refused
  assert_equal "$(inside find / -xdev -name '*.new*' -not -path '/proc/*' -not -path '/usr/*')" ''

  runs=0
  until
    run inside BASH_ENV=/fixtures/kill KILL_AT=2 GITHUB_API_URL="$ORIGIN/api" GITHUB_TOKEN="$API_KEY" \
      bash /root/setup-runner.sh --remove
    [[ $status == 0 ]]
  do
    assert_equal "$status" 137
    runs=$((runs + 1))
    ((runs < 60)) || fail "$output"
  done
  ((runs > 10)) || fail "only $runs removals were killed"
  assert_same_listing "$clean" "$(listing_without_copies)"
  assert_equal "$(github_state .runners)" '[]'
}

@test "killed within a change, the next run makes it whole" {
  clean=$(listing_without_copies)
  for command in 'mkdir -p "$CONFIG_DIR"' 'mv -fT' 'useradd' 'usermod' 'chown "$3" -- "$1"' 'tar -xzf' 'mv -T -- "$new/root"' \
    'rm -rf -- "$new"' 'rm -f -- "$1/.launch-registered"' 'chown "root:$RUNNER_USER"' 'cp -- "$ARGUMENTS"'; do
    run -137 inside BASH_ENV=/fixtures/kill KILL_BEFORE="$command" GITHUB_API_URL="$ORIGIN/api" GITHUB_TOKEN="$API_KEY" \
      LAUNCH_RUNNER_RELEASES="$ORIGIN/releases" LAUNCH_DOCKER_APT="$ORIGIN/docker" \
      bash /root/setup-runner.sh --repository acme/shop --labels homelab,docker
    # Else each run would end at the same file.
    if [[ $command == 'mv -fT' ]]; then
      SETUP_ENV=()
      run -1 set_up </dev/null
      with_api
      inside sh -c 'rm -rf /opt/launch-runner/* /var/lib/launch; userdel launch-runner; groupdel launch'
    fi
  done
  run -0 set_up
  assert_lacks "$output" FAILED
  run -0 set_up
  assert_lacks "$output" '==>'
  assert_equal "$(github_state '.runners | length')" 1
  run -0 raw_set_up --remove
  assert_same_listing "$clean" "$(listing_without_copies)"
}

@test "--dry-run touches nothing, asks nobody, and prints each step" {
  before=$(listing times)
  run -0 set_up --dry-run </dev/null
  assert_same_listing "$before" "$(listing times)"
  assert_equal "$(github_state .requests)" '[]'
  run -1 grep -v -e 'dpkg-query' -e 'systemctl is-' -e 'systemctl show' "$ROOT_DIR/fixtures/calls"
  run -0 set_up --dry-run </dev/null
  assert_lacks "$output" '==>'
  for step in 'would: install' 'would: make the user launch-runner' 'would: write /etc/launch/runner-policy' \
    'would: write /usr/local/lib/launch/job-started.sh' 'would: fetch the runner 2.336.0 for x64' \
    'would: register the runner homelab-1' 'would: write /etc/systemd/system/launch-runner.service' \
    'would: start launch-runner.service' 'would: make the folder /var/lib/launch' 'Nothing was changed.'; do
    assert_contains "$output" "$step"
  done
  set_up
  before=$(listing times)
  run -0 raw_set_up --remove --dry-run </dev/null
  assert_contains "$output" 'would: remove the user launch-runner'
  assert_same_listing "$before" "$(listing times)"
  assert_equal "$(github_state '.runners | length')" 1
}

@test "--remove leaves nothing" {
  before=$(listing_without_copies)
  set_up
  run -0 raw_set_up --remove
  assert_same_listing "$before" "$(listing_without_copies)"
  assert_equal "$(github_state .runners)" '[]'
  assert_nothing_refused
  inside sh -c '! pgrep Runner.Listener'
  run -0 raw_set_up --remove
  assert_contains "$output" 'Nothing to remove'
}

@test "--remove of an ephemeral runner leaves nothing either" {
  before=$(listing_without_copies)
  set_up --ephemeral
  run -0 raw_set_up --remove
  assert_same_listing "$before" "$(listing_without_copies)"
  assert_equal "$(github_state .runners)" '[]'
}

@test "--remove takes a removal token, or leaves GitHub alone when told so" {
  set_up
  SETUP_ENV=()
  run -1 raw_set_up --remove </dev/null
  assert_contains "$output" 'this takes a remove token'
  SETUP_ENV=(RUNNER_TOKEN=registration-by-hand-0001)
  run -1 raw_set_up --remove
  assert_contains "$output" 'With --local-only GitHub is left alone'
  SETUP_ENV=(RUNNER_TOKEN=removal-by-hand-0001)
  run -0 raw_set_up --remove
  assert_equal "$(github_state .runners)" '[]'
  with_api
  set_up
  SETUP_ENV=()
  run -0 raw_set_up --remove --local-only </dev/null
  assert_equal "$(github_state '[.runners[].online]')" '[false]'
  inside test ! -e /opt/launch-runner
}

@test "--remove keeps what is deployed and what was here before; --purge does not keep the first" {
  inside groupadd --system launch
  inside useradd --system deploy
  inside touch /fixtures/packages/jq
  inside sh -c 'groupadd --system docker; mkdir /etc/docker; echo "{}" >/etc/docker/daemon.json'
  before=$(listing_without_copies)
  set_up --user deploy
  inside sh -c 'mkdir /var/lib/launch/acme; echo release >/var/lib/launch/acme/release; echo c0ffee >/fixtures/docker-ps'
  # Docker needs the one, what somebody has installed since needs the other.
  printf '%s\n' iptables libicu72 | write /fixtures/needed
  run -0 raw_set_up --remove
  assert_contains "$output" '/var/lib/launch stays: it holds the releases'
  assert_contains "$output" 'Docker stays'
  assert_contains "$output" 'because others need them by now: iptables libicu72'
  inside test ! -e /fixtures/packages/libssl3
  inside rm /fixtures/needed
  inside test -e /var/lib/launch/acme/release
  inside test -e /fixtures/packages/docker-ce
  inside test ! -e /opt/launch-runner
  assert_equal "$(inside id -nG deploy)" deploy
  run -0 raw_set_up --remove --purge
  inside test ! -e /fixtures/packages/docker-ce
  inside test -e /fixtures/packages/jq
  assert_same_listing "$before" "$(listing_without_copies)"
}
