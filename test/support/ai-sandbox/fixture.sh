#!/usr/bin/env bash
# A program of the sandbox's host, whichever name it is called by: tells the test how it was called, prints what the test
# answers, and ends with the status on the first line of that. Of docker it tells what it would read of its environment.
stdin='' output=''
[[ ${0##*/} != *-restore ]] || IFS= read -r -d '' stdin
[[ ${0##*/} != docker ]] || stdin=$(env | grep -E '^(COMPOSE|VLLM|WEBUI|DOCKER)_') || stdin=''
exec 3<>"/dev/tcp/127.0.0.1/$FIXTURE_PORT" || exit 126
printf '%s\0' "$#" "${0##*/}" "$@" "$stdin" >&3
IFS= read -r status <&3 || exit 125
IFS= read -r -d '' output <&3
printf '%s' "$output"
exit "$status"
