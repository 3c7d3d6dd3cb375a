#!/bin/bash
# Stands in for the runner's config.sh: takes the options of the real one and no others, and no token as an argument.
set -eu
cd "$(dirname "$0")"
fault() {
  echo "$*" >&2
  exit 1
}
[[ $(id -u) != 0 || -n ${RUNNER_ALLOW_RUNASROOT:-} ]] || fault 'Must not run with sudo'
origin=$(cat /fixtures/origin)
token=${ACTIONS_RUNNER_INPUT_TOKEN:-}
[[ -n $token ]] || fault 'Invalid configuration provided for token. Terminating unattended configuration.'
sleep "$(cat /fixtures/config-seconds 2>/dev/null || echo 0)"

if [[ ${1:-} == remove ]]; then
  (($# == 1)) || fault "Unrecognized command-line input arguments: $*"
  jq -n --arg token "$token" --arg credential "$(cat .credentials)" '{$token, $credential}' |
    curl -sS --fail --data @- "$origin/runner/unregister" >/dev/null || fault 'Http response code: NotFound from remove'
  rm -f .runner .credentials .credentials_rsaparams
  echo '√ Runner removed successfully'
  exit
fi

[[ ! -e .runner && ! -e .runner_migrated ]] ||
  fault 'Cannot configure the runner because it is already configured.'
url='' name='' labels='' work='' group='' ephemeral=false replace=false update=true unattended=false
while (($#)); do
  case $1 in
    --unattended) unattended=true ;;
    --replace) replace=true ;;
    --disableupdate) update=false ;;
    --ephemeral) ephemeral=true ;;
    --url | --name | --labels | --work) printf -v "${1#--}" %s "$2" && shift ;;
    --runnergroup) group=$2 && shift ;;
    *) fault "Unrecognized command-line input arguments: $1" ;;
  esac
  shift
done
[[ $unattended == true && $update == false && -n $url && -n $name && -d $work ]] || fault 'incomplete'
# The real one writes both, with what its caller's environment has.
printf 'LANG=%s\n' "${LANG:-}" >>.env
printf '%s\n' "$PATH" >.path
printf 'configured\n' >"_diag/Runner_$(date +%s%N).log"
answer=$(jq -n --arg token "$token" --arg url "$url" --arg name "$name" --arg labels "$labels" --arg group "$group" \
  --argjson ephemeral "$ephemeral" --argjson replace "$replace" \
  '{$token, $url, $name, $labels, $group, $ephemeral, $replace}' |
  curl -sS --fail --data @- "$origin/runner/register") || fault 'Http response code: NotFound from register'
jq -r .credential <<<"$answer" >.credentials
printf 'key\n' >.credentials_rsaparams
jq -c --arg name "$name" '{agentId: .id, agentName: $name}' <<<"$answer" >.runner
echo '√ Runner successfully added'
