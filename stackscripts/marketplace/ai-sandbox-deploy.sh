#!/usr/bin/env bash
#
# AI sandbox: a chat page (Open WebUI) and an OpenAI-compatible API (vLLM) on a
# GPU instance of your own. Ubuntu 24.04 LTS.
#
# This is the loader: it fetches stackscripts/ai-sandbox.sh of one release of
# Launch, and runs it with the values below when its SHA-256 is the known one.
# What it did is in /var/log/ai-sandbox/deployment.log.

# fields:start (made from stackscripts/ai-sandbox.sh by `npm run generate`)
# <UDF name="model_id" label="The model. GPU memory that each needs: Qwen2.5-1.5B-Instruct 6 GB, Qwen2.5-7B-Instruct 19 GB, Mistral-7B-Instruct-v0.3 19 GB, Mistral-Nemo-Instruct-2407 30 GB, Qwen2.5-14B-Instruct 36 GB, Qwen2.5-32B-Instruct 74 GB" oneOf="Qwen/Qwen2.5-1.5B-Instruct,Qwen/Qwen2.5-7B-Instruct,mistralai/Mistral-7B-Instruct-v0.3,mistralai/Mistral-Nemo-Instruct-2407,Qwen/Qwen2.5-14B-Instruct,Qwen/Qwen2.5-32B-Instruct" default="mistralai/Mistral-7B-Instruct-v0.3" />
# <UDF name="hf_token_password" label="Token of the Hugging Face hub. Only for models that ask for one" default="" />
# <UDF name="api_key_password" label="API key, 16 to 128 letters, digits, dots, dashes and underscores. Empty: generated on the machine" default="" />
# <UDF name="admin_email" label="E-mail address that the administrator signs in with" default="admin@ai-sandbox.local" />
# <UDF name="admin_password" label="Password of the administrator, 8 to 72 characters. Empty: generated on the machine" default="" />
# <UDF name="allowed_addresses" label="IPv4 addresses or networks that may use ports 3000 and 8000, with commas. 0.0.0.0/0 is everyone: there is no TLS, so give your own where you can" default="0.0.0.0/0" example="203.0.113.7,198.51.100.0/24" />
# <UDF name="max_model_len" label="Longest context, in tokens" default="16384" />
# fields:end

set -euo pipefail

# release:start (made by `npm run generate`)
readonly VERSION=0.1.0
readonly SHA256=1262bed475fd4dd91d5d623feb401cf88233294f3ea7b611d59aa44e8ff1b3d4
# release:end
# Where Launch lives for you, and for tests and mirrors the folder of that release.
readonly REPOSITORY=org/launch
readonly RELEASE_URL=${LAUNCH_RELEASE_URL:-https://raw.githubusercontent.com/$REPOSITORY/v$VERSION}
readonly LOGS=/var/log/ai-sandbox

WORK_DIR=
HANDED_ON=false
WHY='The loader ended before its work was done.'
REMEDY='Rebuild the instance with this StackScript.'

say() {
  printf '%s ai-sandbox loader: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1"
}

fail() {
  WHY=$1 REMEDY=$2
  exit 1
}

# As the script itself does it when it fails, for those who wait for its status.
report() {
  local now
  now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  mkdir -p "$LOGS"
  say "$WHY $REMEDY" >>"$LOGS/deployment.log"
  # Neither text holds anything that JSON would have to escape.
  printf '{"version":1,"state":"failed","phase":"preflight","phases":[{"name":"preflight","state":"failed","seconds":%d}],"updated":"%s","error":{"code":"LOADER","message":"%s","remedy":"%s"},"urls":{"ui":"","api":""},"model":""}\n' \
    "$SECONDS" "$now" "$WHY" "$REMEDY" >"$LOGS/status.json.new"
  mv "$LOGS/status.json.new" "$LOGS/status.json"
  printf '\nAI sandbox: FAILED before it was started\n\n  %s\n  %s\n\n  Log: %s\n\n' \
    "$WHY" "$REMEDY" "$LOGS/deployment.log" >/etc/motd
}

finish() {
  local status=$1
  trap - EXIT
  [[ -z $WORK_DIR ]] || rm -rf -- "$WORK_DIR"
  if ((status != 0)) && [[ $HANDED_ON == false ]]; then
    report
    say "$WHY $REMEDY" >&2
  fi
  exit "$status"
}

check_host() {
  ((EUID == 0)) || fail 'The loader has to run as root.' 'Deploy it as a StackScript, or run it by sudo.'
  # Read, and not run: it has a VERSION of its own, and the one of this script is readonly.
  { grep -qx 'ID="\?ubuntu"\?' /etc/os-release && grep -qx 'VERSION_ID="\?24\.04"\?' /etc/os-release; } ||
    fail 'This is not Ubuntu 24.04.' 'Rebuild the instance with the image Ubuntu 24.04 LTS.'
}

download() {
  local attempt
  for attempt in 1 2 3 4 5; do
    curl --fail --silent --show-error --location --proto-redir =https --connect-timeout 15 --max-time 120 \
      --max-filesize 1048576 --output "$1" "$RELEASE_URL/stackscripts/ai-sandbox.sh" && return
    ((attempt == 5)) || sleep "${AI_SANDBOX_RETRY_PAUSE:-10}"
  done
  return 1
}

fetch() {
  command -v curl >/dev/null || apt-get install -y -q curl ca-certificates ||
    fail 'curl could not be installed.' 'Look at the network of the instance, then rebuild it.'
  say "fetching $RELEASE_URL/stackscripts/ai-sandbox.sh"
  download "$1" ||
    fail "Release $VERSION of Launch could not be fetched." \
      'Look at the network of the instance, and whether that release exists, then rebuild it.'
  printf '%s  %s\n' "$SHA256" "$1" | sha256sum --check --status ||
    fail "What was fetched is not release $VERSION of Launch: its SHA-256 differs. Nothing of it was run." \
      'Tell the publisher of this app.'
}

main() {
  trap 'finish $?' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  check_host
  WORK_DIR=$(mktemp -d)
  fetch "$WORK_DIR/ai-sandbox.sh"
  say "running release $VERSION"
  HANDED_ON=true
  # The values of the fields are in its environment, as they are in this one's.
  bash "$WORK_DIR/ai-sandbox.sh"
}

main "$@"
