#!/bin/bash
# The gate before each job on this runner: it refuses all but push, workflow_dispatch and schedule of the repositories and
# refs in /etc/launch/runner-policy. GitHub's runner calls it (ACTIONS_RUNNER_HOOK_JOB_STARTED) before containers, services
# and steps of a job; a workflow can't change what it sees here, nor leave it out. Made by setup-runner.sh.
#
# Usage: job-started.sh           as the runner calls it
#        job-started.sh --check   says only what it would do: 0 take, 1 refuse; the event's JSON comes on standard input
#
# Whatever goes wrong here is a refusal. A refusal also ends the runner's worker: after a hook that has merely failed, the
# runner still runs steps with `if: always()` (github.com/actions/runner/issues/2811).
# The runner starts it with -e, by which a failed command would cut the refusal itself short.
set +e -uo pipefail
export LC_ALL=C

# A cancellation of the job, which whoever opened it can cause, comes as SIGINT and then SIGTERM: it cuts nothing short.
trap '' INT TERM

readonly POLICY=/etc/launch/runner-policy
CHECK=false
VERDICT=refused

# A name that comes from outside can hold no command for the runner, which reads them anywhere in a line.
clean() {
  local text=${1//[^A-Za-z0-9._\/@-]/?}
  printf '%s' "${text:0:120}"
}

refuse() {
  printf '::error title=Refused by this runner::%s\n' "$1"
  exit 1
}

# The runner's word for the end: every later step is skipped, also those with `if: always()`, and the log is kept whole.
# It then cancels this hook by SIGINT, by which is known that it has understood; else it is killed. That SIGINT does not
# come when the job was cancelled before, which looks the same and skips no such step. 10 s after a cancellation the runner
# kills this hook, so all of this takes less.
end_worker() {
  local worker=$PPID name='' tries
  { IFS= read -r name <"/proc/$worker/comm"; } 2>/dev/null
  # By hand, at a terminal, there is no job to end.
  [[ $name == Runner.Worker || -n ${RUNNER_TRACKING_ID:-} ]] || return 0
  # Until what was said above has been read.
  /usr/bin/sleep 1
  UNDERSTOOD=false
  trap 'UNDERSTOOD=true' INT
  kill -TERM "$worker"
  # Not one long wait: the signal may come before it begins.
  for ((tries = 0; tries < 30; tries++)); do
    if [[ $UNDERSTOOD == true ]]; then
      # A cancellation at this very moment: what was sent gets its time.
      /usr/bin/sleep 1
      return 0
    fi
    /usr/bin/sleep 0.2
  done
  kill -KILL "$worker"
}

at_end() {
  if [[ $VERDICT == taken ]]; then return; fi
  trap - EXIT
  [[ $CHECK == true ]] || end_worker
  exit 1
}
trap at_end EXIT

# Root's and nobody else's to write, whole, and in no other words than these.
read_policy() {
  local line rest newline=$'\n' text
  [[ -f $POLICY && ! -L $POLICY ]] || refuse "There is no $POLICY on this runner. Run setup-runner.sh again."
  case $(/usr/bin/stat -c '%u %a' "$POLICY") in
    '0 644' | '0 600' | '0 640' | '0 444') ;;
    *) refuse "$POLICY on this runner can be changed by others than root. Run setup-runner.sh again." ;;
  esac
  text=$(<"$POLICY") || refuse "$POLICY on this runner can not be read. Run setup-runner.sh again."
  REPOSITORIES=() REFS=()
  while IFS= read -r line; do
    rest=${line#* }
    case $line in
      '' | '#'*) ;;
      'repository '*)
        [[ $rest =~ ^[A-Za-z0-9-]+/([A-Za-z0-9._-]+|\*)$ ]] || broken_policy
        REPOSITORIES+=("${rest,,}")
        ;;
      'ref '*)
        [[ $rest =~ ^refs/(heads|tags)/[A-Za-z0-9._/@+*?-]+$ ]] || broken_policy
        REFS+=("$rest")
        ;;
      *) broken_policy ;;
    esac
  done <<<"$text$newline"
  ((${#REPOSITORIES[@]} && ${#REFS[@]})) || broken_policy
}

broken_policy() {
  refuse "$POLICY on this runner has a line that is neither a repository nor a ref, or lacks one of them. Run setup-runner.sh again."
}

# $1 a repository in small letters.
repository_allowed() {
  local allowed
  for allowed in "${REPOSITORIES[@]}"; do
    if [[ $allowed == */\* ]]; then
      [[ ${1%%/*} != "${allowed%/\*}" ]] || return 0
    else
      [[ $1 != "$allowed" ]] || return 0
    fi
  done
  return 1
}

ref_allowed() {
  local pattern
  for pattern in "${REFS[@]}"; do
    # shellcheck disable=SC2053 # a pattern is what it is
    [[ $1 != $pattern ]] || return 0
  done
  return 1
}

# What the event itself says has to be what the runner says of it.
read_event() {
  # shellcheck disable=SC2016 # jq expands it
  local program='if type != "object" then "broken"
    elif has("pull_request") or has("workflow_run") or has("comment") or has("issue") then "other"
    elif ($event != "schedule" or has("repository")) and ((.repository.full_name | ascii_downcase) != $repository) then "repository"
    elif $event == "schedule" then "agrees"
    elif .ref == $ref or "refs/heads/\(.ref)" == $ref or "refs/tags/\(.ref)" == $ref then "agrees"
    else "ref" end'
  /usr/bin/jq -r --arg event "$EVENT" --arg repository "${REPOSITORY,,}" --arg ref "$REF" "$program" 2>/dev/null
}

main() {
  local agreement
  case $# in
    0) ;;
    1)
      [[ $1 == --check ]] || refuse "The gate of this runner was started with an option that it does not know."
      CHECK=true
      ;;
    *) refuse "The gate of this runner was started with options that it does not know." ;;
  esac
  EVENT=${GITHUB_EVENT_NAME:-} REPOSITORY=${GITHUB_REPOSITORY:-} REF=${GITHUB_REF:-}
  read_policy

  case $EVENT in
    push | workflow_dispatch | schedule) ;;
    '') refuse "The runner did not say which event the job is for (GITHUB_EVENT_NAME), so it is refused." ;;
    *) refuse "This machine deploys: it takes jobs of push, workflow_dispatch and schedule only, not of $(clean "$EVENT"). Use runs-on: ubuntu-latest for this job; nothing allows it here." ;;
  esac
  [[ $REPOSITORY =~ ^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$ ]] ||
    refuse "The runner did not say which repository the job is of (GITHUB_REPOSITORY), so it is refused."
  repository_allowed "${REPOSITORY,,}" ||
    refuse "This machine takes no jobs of $(clean "$REPOSITORY"). To allow it, run setup-runner.sh on the machine again with --allow-repository $(clean "$REPOSITORY")."
  [[ $REF =~ ^refs/(heads|tags)/[^[:cntrl:][:space:]]+$ ]] ||
    refuse "The job is for no branch and no tag (GITHUB_REF is $(clean "${REF:-empty}")), so it is refused."
  ref_allowed "$REF" ||
    refuse "This machine takes no jobs for $(clean "$REF"). To allow it, run setup-runner.sh on the machine again with --allow-ref $(clean "$REF")."
  [[ -z ${GITHUB_HEAD_REF:-} ]] || refuse "The job has the branch of a pull request (GITHUB_HEAD_REF), so it is refused."

  if [[ $CHECK == true ]]; then
    agreement=$(read_event) || agreement=broken
  else
    [[ -r ${GITHUB_EVENT_PATH:-} ]] || refuse "The event of the job can not be read (GITHUB_EVENT_PATH), so it is refused."
    agreement=$(read_event <"$GITHUB_EVENT_PATH") || agreement=broken
  fi
  case $agreement in
    agrees) ;;
    other) refuse "The event of the job is not the $EVENT that it is said to be, so it is refused." ;;
    repository) refuse "The event of the job names another repository than $(clean "$REPOSITORY"), so it is refused." ;;
    ref) refuse "The event of the job names another ref than $(clean "$REF"), so it is refused." ;;
    *) refuse "The event of the job is no JSON that can be understood, so it is refused." ;;
  esac
  VERDICT=taken
  printf 'Allowed on this machine: %s of %s for %s\n' "$EVENT" "$(clean "$REPOSITORY")" "$(clean "$REF")"
}

main "$@"
