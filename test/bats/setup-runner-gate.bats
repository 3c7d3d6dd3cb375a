#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2034
# The gate that scripts/setup-runner.sh installs: which jobs it takes, and that of a refused one no step runs.

load helper
load runner-machine

# One machine for all: the gate changes nothing on it.
setup_file() {
  require_machine
  make_archives
  export ARCHIVES
  BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
  start_github
  make_machine debian 12
  "${AS_ROOT[@]}" mkdir -p "$ROOT_DIR/etc/launch" "$UPPER/local/lib/launch"
  inside sh -c 'cat >/usr/local/lib/launch/job-started.sh' <"$REPO/scripts/setup-runner/job-started.sh"
  inside cp -R /fixtures/bin /opt/worker
  inside sh -c 'cat >/opt/worker/Runner.Worker; chmod 755 /opt/worker/Runner.Worker' \
    <"$MACHINE_PROGRAMS/archive/bin/Runner.Worker"
  export ROOT_DIR UPPER INIT HOLDER GITHUB
}

teardown_file() {
  BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
  shut_down
}

setup() {
  allow 'repository acme/shop' 'repository acme-labs/*' 'ref refs/heads/main' 'ref refs/tags/v*'
}

allow() {
  printf '%s\n' '# Comment' "$@" | inside sh -c 'cat >/etc/launch/runner-policy; chmod 644 /etc/launch/runner-policy'
}

event() {
  jq -cn --arg ref "${3:-refs/heads/main}" --arg repository "${2:-acme/shop}" '{$ref, repository: {full_name: $repository}}'
}

# $1 event, $2 repository, $3 ref, $4 the event's JSON; further words are more of the environment.
gate() {
  inside env -i PATH=/usr/bin:/bin GITHUB_EVENT_NAME="$1" GITHUB_REPOSITORY="$2" GITHUB_REF="$3" "${@:5}" \
    setpriv --reuid 65534 --regid 65534 --clear-groups -- \
    bash -e /usr/local/lib/launch/job-started.sh --check <<<"${4:-$(event "$1" "$2" "$3")}"
}

# One line, of which the log makes one annotation, and no other command for the runner.
assert_refused() {
  assert_equal "$status" 1
  assert_equal "${#lines[@]}" 1
  [[ $output == '::error title=Refused by this runner::'* ]] || fail "$output"
  local rest=${output#::error title=Refused by this runner::}
  [[ $rest != *::* && $rest != *'##['* && $rest != *'$('* ]] || fail "$output"
  [[ -z ${1:-} ]] || assert_contains "$output" "$1"
}

@test "push, workflow_dispatch and schedule of what is allowed are taken" {
  while read -r name repository ref; do
    run -0 gate "$name" "$repository" "$ref"
    assert_equal "$output" "Allowed on this machine: $name of $repository for $ref"
  done <<'CASES'
push acme/shop refs/heads/main
workflow_dispatch acme/shop refs/heads/main
schedule acme/shop refs/heads/main
push ACME/Shop refs/heads/main
push acme-labs/anything refs/heads/main
push acme/shop refs/tags/v1.2.3
CASES
  # What schedule's event has is its time.
  run -0 gate schedule acme/shop refs/heads/main '{"schedule": "0 4 * * *"}'
  # As the API gives it when a run is started by the branch's short name.
  run -0 gate workflow_dispatch acme/shop refs/heads/main '{"ref": "main", "repository": {"full_name": "acme/shop"}}'
}

@test "every other event is refused, whatever repository and ref it has" {
  for name in branch_protection_rule check_run check_suite create delete deployment deployment_status discussion \
    discussion_comment dynamic fork gollum issue_comment issues label merge_group milestone page_build public pull_request \
    pull_request_comment pull_request_review pull_request_review_comment pull_request_target registry_package release \
    repository_dispatch status watch workflow_call workflow_run Push 'push ' 'push
schedule' '$(reboot)' '::set-output name=x::y' '##[add-path]/tmp' ''; do
    run gate "$name" acme/shop refs/heads/main
    assert_refused
  done
  run gate pull_request acme/shop refs/pull/7/merge
  assert_refused 'it takes jobs of push, workflow_dispatch and schedule only, not of pull_request. Use runs-on: ubuntu-latest'
}

@test "a fork, another repository and names that are none are refused" {
  for repository in mallory/shop acme/shop2 acme/shopping acme/sho acme acme-labs acme-labs/ acme/ /shop acme/shop/x acme-lab/x \
    xacme/shop 'acme/*' '*/*' 'acme/shop
repository mallory/shop' 'acme/$(reboot)' '../../etc' 'acme/shop::set-output name=x::y' ''; do
    run gate push "$repository" refs/heads/main
    assert_refused
  done
  run gate push mallory/shop refs/heads/main
  assert_refused 'This machine takes no jobs of mallory/shop. To allow it, run setup-runner.sh on the machine again with --allow-repository mallory/shop.'
}

@test "other refs are refused, also those that a wildcard might be thought to take" {
  for ref in refs/heads/dev refs/heads/main2 refs/heads/mai refs/heads/feature/main refs/heads/Main refs/pull/7/merge refs/pull/7/head \
    main refs/tags/main refs/tags/1.0 refs/heads/v1 refs/heads/ 'refs/heads/*' 'refs/heads/main
x' 'refs/heads/main ' $'refs/tags/v1\n::set-output name=x::y' 'refs/heads/$(reboot)' 'refs/heads/a::stop-commands::b' \
    'refs/heads/##[add-path]/tmp' ''; do
    run gate push acme/shop "$ref"
    assert_refused
  done
  run gate workflow_dispatch acme/shop refs/heads/dev
  assert_refused 'This machine takes no jobs for refs/heads/dev. To allow it, run setup-runner.sh on the machine again with --allow-ref refs/heads/dev.'
}

@test "a wildcard in the middle takes what it says and no more" {
  allow 'repository acme/shop' 'ref refs/heads/release/*' 'ref refs/tags/v?.?'
  run -0 gate push acme/shop refs/heads/release/1.0
  run -0 gate push acme/shop refs/tags/v1.2
  run gate push acme/shop refs/tags/v1.23
  assert_refused
  run gate push acme/shop refs/heads/release
  assert_refused
}

@test "an event whose own words differ from the runner's is refused" {
  for json in '{"ref": "refs/heads/main", "repository": {"full_name": "mallory/shop"}}' '{"ref": "refs/heads/main"}' \
    '{"ref": "refs/heads/dev", "repository": {"full_name": "acme/shop"}}' '{"repository": {"full_name": "acme/shop"}}' \
    '{"ref": "refs/heads/main", "repository": {"full_name": "acme/shop"}, "pull_request": {"number": 1}}' \
    '{"ref": "refs/heads/main", "repository": {"full_name": "acme/shop"}, "workflow_run": {}}' \
    '{"ref": 1, "repository": []}' '[]' 'null' '{' 'x' '{} {}' '"push"'; do
    run gate push acme/shop refs/heads/main "$json"
    assert_refused
  done
  for more in ' {"ref": "x"}' ' []' ' x'; do
    run gate push acme/shop refs/heads/main "$(event)$more"
    assert_refused 'no JSON that can be understood'
  done
  run gate push acme/shop refs/heads/main ' '
  assert_refused
  run gate push acme/shop refs/heads/main '' GITHUB_HEAD_REF=feature
  assert_refused 'branch of a pull request'
}

@test "a policy that is missing, broken or others' to change refuses everything" {
  for policy in 'repository acme/shop' 'ref refs/heads/main' $'repository acme/shop\nref refs/heads/main\nallow everything' \
    $'repository */*\nref refs/heads/main' $'repository acme/shop\nref *' $'repository acme/shop\n ref refs/heads/main' \
    $'repository acme/shop\nref refs/heads/$(id)' $'repository  acme/shop\nref refs/heads/main' ''; do
    allow "$policy"
    run gate push acme/shop refs/heads/main
    assert_refused 'Run setup-runner.sh again'
  done
  allow 'repository acme/shop' 'ref refs/heads/main'
  run -0 gate push acme/shop refs/heads/main
  for command in 'chmod 666' 'chmod 664' 'chown 65534' 'rm'; do
    allow 'repository acme/shop' 'ref refs/heads/main'
    inside sh -c "$command /etc/launch/runner-policy"
    run gate push acme/shop refs/heads/main
    assert_refused '/etc/launch/runner-policy'
  done
  inside sh -c 'printf "repository acme/shop\nref refs/heads/main\n" >/opt/policy; ln -sf /opt/policy /etc/launch/runner-policy'
  run gate push acme/shop refs/heads/main
  assert_refused 'There is no /etc/launch/runner-policy'
  inside rm /etc/launch/runner-policy
}

@test "without the runner's own variables it refuses" {
  for missing in GITHUB_EVENT_NAME GITHUB_REPOSITORY GITHUB_REF; do
    run gate push acme/shop refs/heads/main '' --unset="$missing"
    run inside env GITHUB_EVENT_NAME=push GITHUB_REPOSITORY=acme/shop GITHUB_REF=refs/heads/main env --unset="$missing" \
      bash -e /usr/local/lib/launch/job-started.sh --check <<<"$(event)"
    assert_refused
  done
  # As the runner calls it, without an event to read.
  run inside env GITHUB_EVENT_NAME=push GITHUB_REPOSITORY=acme/shop GITHUB_REF=refs/heads/main bash -e /usr/local/lib/launch/job-started.sh
  assert_refused GITHUB_EVENT_PATH
  run inside env GITHUB_EVENT_NAME=push GITHUB_REPOSITORY=acme/shop GITHUB_REF=refs/heads/main bash -e /usr/local/lib/launch/job-started.sh --chekc
  assert_refused
}

# The job is a file of NAME=value lines. Run as a runner does: the gate, then the steps, one of them with `if: always()`.
work() {
  printf '%s\n' "$@" | inside sh -c 'cat >/opt/job; chmod 644 /opt/job'
  inside env -i PATH=/usr/bin:/bin ACTIONS_RUNNER_HOOK_JOB_STARTED=/usr/local/lib/launch/job-started.sh \
    setpriv --reuid 65534 --regid 65534 --clear-groups -- /opt/worker/Runner.Worker /opt/job
}

@test "an allowed job runs" {
  run -0 work GITHUB_EVENT_NAME=push GITHUB_REPOSITORY=acme/shop GITHUB_REF=refs/heads/main "EVENT=$(event)"
  assert_contains "$output" 'Allowed on this machine'
  assert_contains "$output" 'THE JOB RAN'
}

@test "of a refused job no step runs, not even one with if: always(), and the log says why" {
  started=$SECONDS
  run -1 work GITHUB_EVENT_NAME=pull_request GITHUB_REPOSITORY=acme/shop GITHUB_REF=refs/pull/7/merge 'EVENT={"pull_request": {}}'
  assert_contains "$output" '::error title=Refused by this runner::This machine deploys'
  assert_lacks "$output" RAN
  ((SECONDS - started < 8))
}

@test "a hook that has merely failed would not do" {
  inside sh -c 'printf "exit 1\n" >/opt/failing.sh'
  printf 'GITHUB_EVENT_NAME=pull_request\n' | inside sh -c 'cat >/opt/job'
  run -1 inside env -i PATH=/usr/bin:/bin ACTIONS_RUNNER_HOOK_JOB_STARTED=/opt/failing.sh /opt/worker/Runner.Worker /opt/job
  assert_contains "$output" 'A STEP RAN ALWAYS'
}

@test "a worker that does not heed the end is killed before any step" {
  inside sh -c 'sed "s/tries < 30/tries < 5/" /usr/local/lib/launch/job-started.sh >/opt/quick.sh'
  printf '%s\n' GITHUB_EVENT_NAME=pull_request STUBBORN=1 | inside sh -c 'cat >/opt/job'
  run -137 inside env -i PATH=/usr/bin:/bin ACTIONS_RUNNER_HOOK_JOB_STARTED=/opt/quick.sh /opt/worker/Runner.Worker /opt/job
  assert_contains "$output" 'Refused by this runner'
  assert_lacks "$output" RAN
}

# A cancellation can be caused from outside: by a push to the pull request, with `concurrency: cancel-in-progress`.
@test "a cancellation while the gate refuses lets no step through, not even one with if: always()" {
  inside sh -c 'sed "s/tries < 30/tries < 10/" /usr/local/lib/launch/job-started.sh >/opt/quick.sh'
  printf '%s\n' GITHUB_EVENT_NAME=pull_request CANCELLED=1 | inside sh -c 'cat >/opt/job'
  run inside env -i PATH=/usr/bin:/bin ACTIONS_RUNNER_HOOK_JOB_STARTED=/opt/quick.sh /opt/worker/Runner.Worker /opt/job
  ((status != 0))
  assert_contains "$output" 'Refused by this runner'
  assert_lacks "$output" RAN
}

@test "what the gate itself can't do is a refusal, too" {
  # No jq, no policy to be read, a full environment: nothing of it lets a job in.
  inside sh -c 'sed "s#/usr/bin/jq#/usr/bin/no-jq#" /usr/local/lib/launch/job-started.sh >/opt/no-jq.sh'
  printf '%s\n' GITHUB_EVENT_NAME=push GITHUB_REPOSITORY=acme/shop GITHUB_REF=refs/heads/main "EVENT=$(event)" | inside sh -c 'cat >/opt/job'
  run -1 inside env -i PATH=/usr/bin:/bin ACTIONS_RUNNER_HOOK_JOB_STARTED=/opt/no-jq.sh /opt/worker/Runner.Worker /opt/job
  assert_lacks "$output" RAN
  assert_contains "$output" 'no JSON that can be understood'
}
