#!/usr/bin/env bash
# Ask LibreChat whether it is well: on this host, and at https://$PUBLIC_HOST when
# that is set. Exit 0 when it is, else 1 with the reason on stderr. Asks once: Launch
# repeats it until its time is up.
set -euo pipefail

fail() {
  printf 'unhealthy: %s\n' "$1" >&2
  exit 1
}

# $1 curl's exit status, $2 what curl said, $3 the URL. https://curl.se/libcurl/c/libcurl-errors.html
explain() {
  local host=${3#*://}
  host=${host%%[:/]*}
  case $1 in
    6) fail "$3: the name $host does not resolve. Is there a DNS record for it?" ;;
    7) fail "$3: nothing answers there ($2)" ;;
    28) fail "$3: no answer within 5 s" ;;
    35) fail "$3: no TLS connection ($2)" ;;
    60) fail "$3: its certificate is not valid for $host, or nobody that this host trusts has signed it ($2)" ;;
    *) fail "$3: $2" ;;
  esac
}

# The settings in the home of who runs this do not count: they may turn off what is asked for here. The last line of
# what is read is the status. A redirect is none of its answers: that of a login page, say.
ask() {
  local url=$1 answer body status=0
  answer=$(curl --disable --silent --show-error --max-time 5 --write-out '\n%{http_code}' "$url" 2>&1) || status=$?
  ((status == 0)) || explain "$status" "${answer%%$'\n'*}" "$url"
  body=${answer%$'\n'*}
  [[ ${answer##*$'\n'} == 200 ]] || fail "$url answers ${answer##*$'\n'}, not 200"
  [[ $body == OK ]] || fail "$url answers 200, but not as LibreChat does"
  printf 'healthy: %s\n' "$url"
}

main() {
  local public=${PUBLIC_HOST:-} bind=${LIBRECHAT_BIND:-127.0.0.1}
  [[ $bind != 0.0.0.0 ]] || bind=127.0.0.1
  ask "http://$bind:${LIBRECHAT_PORT:-3080}/health"
  [[ -n $public ]] || return 0
  [[ $public =~ ^[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?$ ]] ||
    fail "PUBLIC_HOST is \"$public\". It takes a host name alone, for example chat.example.org"
  ask "https://$public/health"
}

main "$@"
