# shellcheck shell=bash disable=SC2004,SC2034,SC2153,SC2154

# The key goes by a file descriptor. $1 seconds, $2 address, then more options; prints the body, then the code on its own line.
ask() {
  curl --config <(printf 'header = "Authorization: Bearer %s"\n' "$VLLM_API_KEY") --silent --max-time "$1" --write-out '\n%{http_code}' "${@:3}" "$2" || true
}

# The code of an answer to somebody without a key; 000 without an answer.
code_of() {
  curl --silent --max-time 10 --output /dev/null --write-out '%{http_code}' "$1" || true
}

readonly UI=http://127.0.0.1:$WEBUI_PORT
readonly API=http://127.0.0.1:$API_PORT

# The end of what a service said, into the log, without its secrets.
log_service() {
  local line secret
  say "  the last lines of $1:" 3>/dev/null
  { stack 60 logs --no-color --tail 40 "$1" 2>&1 || true; } | while IFS= read -r line; do
    for secret in "$VLLM_API_KEY" "$WEBUI_ADMIN_PASSWORD" "$WEBUI_SECRET_KEY"; do line=${line//"$secret"/***}; done
    printf '    %s\n' "$line"
  done
}

# $1 the service, $2 what happened to it.
fail_start() {
  local lines remedy="See the last lines of $LOG_FILE, then run the script again."
  lines=$(log_service "$1")
  printf '%s\n' "$lines"
  if [[ $lines =~ (out of memory|No available memory|KV cache) ]]; then
    remedy='The GPU has too little memory for it: set a smaller max_model_len or a smaller model_id, or use a larger type, then run the script again.'
  elif [[ $lines =~ (permission denied|Permission denied|readonly database) ]]; then
    remedy="It may not write its data: check the owner of $WEBUI_DATA_DIR, then run the script again."
  fi
  fail SERVICE_NOT_STARTING "The service $1 $2." "$remedy"
}

# A service that keeps ending is not waited for.
check_container() {
  local container state restarts
  container=$(stack 60 ps --all --quiet "$1") || container=
  [[ -n $container ]] || fail_start "$1" 'has no container'
  read -r state restarts <<<"$(docker inspect --format '{{.State.Status}} {{.RestartCount}}' "$container")"
  [[ $state != exited && $state != dead ]] || fail_start "$1" 'has ended'
  ((restarts < 3)) || fail_start "$1" "has ended and started again $restarts times"
}

# vLLM is up when /v1/models answers: with a key, and with a refusal without one.
wait_for_services() {
  local deadline=$((SECONDS + START_TIMEOUT)) ui api
  while true; do
    ui=$(code_of "$UI/health") api=$(code_of "$API/v1/models")
    if [[ $ui == 200 && $api == 401 ]]; then return; fi
    check_container open-webui
    check_container api
    check_container vllm
    if ((SECONDS >= deadline)); then
      [[ $ui == 200 ]] || fail_start open-webui "does not answer after $START_TIMEOUT s (/health: $ui)"
      fail_start vllm "does not answer after $START_TIMEOUT s (/v1/models: $api)"
    fi
    sleep "$POLL_INTERVAL"
  done
}

# Docker counts on when such a container works at last, and what it did before would be held against it.
remove_failed_containers() {
  local container restarts
  while read -r container; do
    read -r _ restarts <<<"$(docker inspect --format '{{.State.Status}} {{.RestartCount}}' "$container")"
    if [[ $restarts =~ ^[0-9]+$ ]] && ((restarts >= 3)); then logged 60 docker rm --force "$container" || true; fi
  done < <(stack 60 ps --all --quiet)
}

phase_start() {
  local attempt
  now 'fetching the images of vLLM and Open WebUI (about 15 GB)'
  [[ -z $PREFETCH ]] || wait "$PREFETCH" || say '  they could not be fetched meanwhile'
  PREFETCH=
  for attempt in 1 2 3; do
    if stack 3600 pull --quiet --policy missing; then break; fi
    ((attempt < 3)) || fail IMAGE_PULL_FAILED 'An image could not be fetched, 3 times in a row.' "See the last lines of $LOG_FILE, then run the script again."
    sleep "$RETRY_PAUSE"
  done
  # A run after this one needs no space for them.
  printf 'subject=%s\n' "$(subject images)" | write_file 600 "$STATE_DIR/done/images"
  # shellcheck disable=SC2016 # The shell in the container expands it.
  stack 300 run --rm --no-deps -T --entrypoint /bin/sh open-webui -c 'f=/app/backend/data/.written && echo 1 >"$f" && rm "$f"' ||
    fail DATA_NOT_WRITABLE "Open WebUI can't write its data to $WEBUI_DATA_DIR." "Check the owner, the mode and the disk of $WEBUI_DATA_DIR, then run the script again."
  now 'starting vLLM and Open WebUI'
  remove_failed_containers
  stack 600 up --detach --remove-orphans || fail SERVICE_NOT_STARTING 'docker compose could not start the services.' "See the last lines of $LOG_FILE, then run the script again."
  now 'waiting for vLLM to load the model'
  wait_for_services
  if ! { logged 60 systemctl enable ai-sandbox.service && logged 300 systemctl start ai-sandbox.service; }; then
    fail SERVICE_NOT_STARTING 'systemd did not take ai-sandbox.service, which starts the stack at boot.' "See 'systemctl status ai-sandbox', then run the script again."
  fi
}

# $1 what is tested, $2 what is expected, $3 what came.
expect() {
  [[ $3 == "$2" ]] || fail VALIDATION_FAILED "$1 answered $3, and $2 was expected." "See $LOG_FILE and 'docker compose --project-directory $STACK_DIR logs', then run the script again."
  say "  $1: $3"
}

# One real answer of the model.
validate_completion() {
  local answer text
  answer=$(printf '{"model":"%s","messages":[{"role":"user","content":"Say hello."}],"max_tokens":16}' "$MODEL_ID" |
    ask 300 "$API/v1/chat/completions" --header 'Content-Type: application/json' --data-binary @-)
  expect '/v1/chat/completions' 200 "${answer##*$'\n'}"
  text=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["choices"][0]["message"]["content"].strip())' <<<"${answer%$'\n'*}") || text=
  [[ -n $text ]] || fail VALIDATION_FAILED 'The model answered with an empty message.' "See $LOG_FILE, then run the script again."
}

# The administrator's password works, and the interface sees the model. Who has changed the password since is not asked.
validate_interface() {
  local answer token
  answer=$(printf '{"email":"%s","password":"%s"}' "$ADMIN_EMAIL" "$WEBUI_ADMIN_PASSWORD" |
    curl --silent --max-time 60 --write-out '\n%{http_code}' --header 'Content-Type: application/json' --data-binary @- "$UI/api/v1/auths/signin") || true
  if [[ ${answer##*$'\n'} != 200 ]] && recorded ready; then
    say '  the administrator has another password by now'
    return
  fi
  expect 'signing in to Open WebUI' 200 "${answer##*$'\n'}"
  token=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["token"])' <<<"${answer%$'\n'*}") || token=
  [[ $token =~ ^[A-Za-z0-9._-]+$ ]] || fail VALIDATION_FAILED 'Open WebUI gave no token.' "See $LOG_FILE, then run the script again."
  answer=$(curl --config <(printf 'header = "Authorization: Bearer %s"\n' "$token") --silent --max-time 60 "$UI/api/models") || true
  [[ $answer == *"\"$MODEL_ID\""* ]] || fail VALIDATION_FAILED "Open WebUI does not list the model $MODEL_ID." "See $LOG_FILE, then run the script again."
  say '  Open WebUI lists the model'
}

phase_validate() {
  local answer path
  now 'trying the services as a user would'
  expect 'Open WebUI /health' 200 "$(code_of "$UI/health")"
  expect '/v1/models without a key' 401 "$(code_of "$API/v1/models")"
  answer=$(ask 60 "$API/v1/models")
  expect '/v1/models with the key' 200 "${answer##*$'\n'}"
  [[ $answer == *"\"$MODEL_ID\""* ]] || fail VALIDATION_FAILED "vLLM does not list the model $MODEL_ID." "See $LOG_FILE, then run the script again."
  for path in /health /metrics /docs; do expect "$path on port $API_PORT" 404 "$(code_of "$API$path")"; done
  validate_completion
  validate_interface
}

phase_ready() {
  logged 60 systemctl disable ai-sandbox-resume.service || true
  rm -f -- "$STATE_DIR/unfinished"
  # Only the download needed it.
  sed -i 's/^HF_TOKEN_PASSWORD=.*/HF_TOKEN_PASSWORD=/' "$STATE_DIR/settings"
}
