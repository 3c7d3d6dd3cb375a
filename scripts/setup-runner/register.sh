#!/bin/bash
# Before each start of the runner's service with --ephemeral, as root: a fresh folder, and a registration for one job.
# Made by setup-runner.sh.
#
# Usage: register-runner.sh RELEASE_FOLDER USER API_URL SCOPE
set -euo pipefail
export LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 077

release=$1 user=$2 api=$3 scope=$4
instance=/opt/launch-runner/instance

# Files are linked where that works: they are root's, and the runner's user can write to none of them.
rm -rf -- "$instance"
cp -al -- "$release" "$instance" 2>/dev/null || {
  rm -rf -- "$instance"
  cp -a -- "$release" "$instance"
}
rm -f -- "$instance"/{.env,.runner,.runner_migrated,.credentials,.credentials_migrated,.credentials_rsaparams}
cp -- "$release/.env" "$instance/.env"
chmod 644 "$instance/.env"

token=$(curl --silent --show-error --fail --max-time 30 --request POST --header 'accept: application/vnd.github+json' \
  --header 'x-github-api-version: 2022-11-28' \
  --config <(printf 'header = "authorization: Bearer %s"\n' "$(</etc/launch/runner-credential)") \
  "$api/$scope/actions/runners/registration-token" | jq -er '.token | strings') || {
  echo 'GitHub gave no registration token: is the one in /etc/launch/runner-credential still good?' >&2
  exit 1
}
mapfile -t arguments </etc/launch/runner-arguments
(cd "$instance" && RUNNER_ALLOW_RUNASROOT=1 ACTIONS_RUNNER_INPUT_TOKEN=$token ./config.sh "${arguments[@]}" </dev/null)

# The runner deletes its registration after its job, so the folder is its own; what is below it stays root's.
chown "$user:$user" "$instance" "$instance"/.runner "$instance"/.credentials*
chown -R "$user:$user" "$instance/_diag"
cp -- "$release/.env" "$instance/.env.new"
chmod 644 "$instance/.env.new"
mv -f -- "$instance/.env.new" "$instance/.env"
