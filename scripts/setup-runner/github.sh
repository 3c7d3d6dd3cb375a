# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# What is asked of GitHub. Tokens go to curl by a pipe and to config.sh by its environment, never as arguments.

check_tokens() {
  local token
  for token in "$API_TOKEN" "$GIVEN_TOKEN"; do
    # Lengths apart: bash takes 100 MB for a pattern with such a bound.
    [[ $token =~ ^[A-Za-z0-9_.=-]*$ && ${#token} -le 4096 ]] || die 'a token has characters that no token of GitHub has; was it pasted whole?'
  done
}

api_base() {
  if [[ -n ${GITHUB_API_URL:-} ]]; then
    printf '%s' "${GITHUB_API_URL%/}"
  elif [[ $SERVER == https://github.com ]]; then
    printf 'https://api.github.com'
  else
    printf '%s/api/v3' "$SERVER"
  fi
}

# $1 the method, $2 the path. Sets API_STATUS (000 when nobody answered) and API_BODY.
api() {
  local answer
  answer=$(curl --silent --show-error --max-time 30 --request "$1" --header 'accept: application/vnd.github+json' \
    --header 'x-github-api-version: 2022-11-28' --config <(printf 'header = "authorization: Bearer %s"\n' "$API_TOKEN") \
    --write-out '\n%{http_code}' "$(api_base)/$2" 2>/dev/null) || answer=$'\n000'
  API_STATUS=${answer##*$'\n'} API_BODY=${answer%$'\n'*}
}

# Ends with what GitHub said, without anything of a token.
api_failed() {
  local said
  said=$(jq -r '.message // empty' <<<"$API_BODY" 2>/dev/null | tr -dc 'A-Za-z0-9 .,:/_-' | cut -c 1-200) || said=
  case $API_STATUS in
    000) die "$(api_base) does not answer: can this machine reach it on port 443?" ;;
    401) die "GitHub does not know the token: $1. It may have expired." ;;
    403 | 404) die "GitHub refused: $1 (HTTP $API_STATUS${said:+, $said}). The token needs write access to \"Administration\" of the repository, or to \"Self-hosted runners\" of the organisation, and $SCOPE has to exist." ;;
    *) die "GitHub failed: $1 (HTTP $API_STATUS${said:+, $said}). Try again later." ;;
  esac
}

# $1 registration or remove. Sets RUNNER_TOKEN_VALUE.
get_runner_token() {
  if [[ -z $GIVEN_TOKEN && -n $API_TOKEN ]]; then
    api POST "$SCOPE/actions/runners/$1-token"
    [[ $API_STATUS == 201 ]] || api_failed "a $1 token for $SCOPE"
    RUNNER_TOKEN_VALUE=$(jq -er '.token | strings' <<<"$API_BODY") || die "GitHub's answer holds no $1 token"
    return
  fi
  if [[ -z $GIVEN_TOKEN ]]; then
    [[ ! -t 0 ]] || printf 'Token for the %s of the runner (it is not shown): ' "$1" >&2
    IFS= read -r -s -t 300 GIVEN_TOKEN || true
    [[ ! -t 0 ]] || printf '\n' >&2
    GIVEN_TOKEN=${GIVEN_TOKEN//[[:space:]]/}
    check_tokens
  fi
  [[ -n $GIVEN_TOKEN ]] ||
    die "this takes a $1 token: set RUNNER_TOKEN, or GITHUB_TOKEN to have it asked for, or give it on standard input"
  RUNNER_TOKEN_VALUE=$GIVEN_TOKEN
}

# Sets FOUND to the runner of this name as JSON, or to nothing.
find_runner() {
  local page
  FOUND=
  for page in 1 2 3 4 5 6 7 8 9 10; do
    api GET "$SCOPE/actions/runners?per_page=100&page=$page"
    [[ $API_STATUS == 200 ]] || return 1
    FOUND=$(jq -c --arg name "$1" 'first(.runners[] | select(.name == $name)) // empty' <<<"$API_BODY") || return 1
    [[ -z $FOUND ]] || return 0
    (($(jq '.runners | length' <<<"$API_BODY") == 100)) || return 0
  done
}

# Takes a runner off GitHub's list. $1 its name.
delete_runner() {
  local id
  find_runner "$1" || api_failed "the list of runners of $SCOPE"
  [[ -n $FOUND ]] || return 0
  id=$(jq -er '.id | numbers' <<<"$FOUND") || die "GitHub's list of runners has one without a number"
  api DELETE "$SCOPE/actions/runners/$id"
  [[ $API_STATUS == 204 || $API_STATUS == 404 ]] || api_failed "taking the runner $1 off its list"
}
