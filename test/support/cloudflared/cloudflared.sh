#!/bin/sh
# Stands in for cloudflared 2026.7.3, with the parts of it that Launch uses, and
# nothing else:
#   cloudflared --no-autoupdate tunnel --metrics ADDRESS run --token-file FILE
#   cloudflared tunnel --metrics ADDRESS ready
# As the real one does, it reads a token of base64 with JSON in it, answers
# /ready on its metrics address with 503 until it is connected, then with 200,
# and ends at SIGTERM. There is no edge: it counts as connected at once. A
# tunnel's secret may say otherwise: with `slow` in it that takes two seconds,
# with `offline` for ever, and with `crash` it ends with an error.
set -u

if [ "${1:-}" = answer ]; then
  # One HTTP request on standard input and output.
  read -r _method path _protocol
  while read -r line && [ "$line" != "$(printf '\r')" ] && [ -n "$line" ]; do :; done
  connections=0
  status='503 Service Unavailable'
  if [ "$CONNECTED_AT" -ne 0 ] && [ "$(date +%s)" -ge "$CONNECTED_AT" ]; then
    connections=4
    status='200 OK'
  fi
  if [ "$path" != /ready ]; then status='404 Not Found'; fi
  body="{\"status\":${status%% *},\"readyConnections\":$connections,\"connectorId\":\"7f6a2c1e-0000-4000-8000-000000000001\"}"
  printf 'HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' "$status" "${#body}" "$body"
  exit 0
fi

refuse() {
  echo "$1" >&2
  exit 1
}

if [ "${1:-}" = --no-autoupdate ]; then shift; fi
[ "${1:-}" = tunnel ] || refuse "No such command: ${1:-}"
[ "${2:-}" = --metrics ] || refuse 'This stand-in wants --metrics first'
host=${3%:*}
port=${3##*:}
[ "$host" = 127.0.0.1 ] || refuse "The metrics are for everybody at $3"
case ${4:-} in
  ready)
    busybox wget -q -O - "http://127.0.0.1:$port/ready" >/dev/null || refuse "http://$3/ready endpoint returned status code 503"
    exit 0
    ;;
  run) ;;
  *) refuse "No such command: tunnel ${4:-}" ;;
esac
[ "$# ${5:-}" = '6 --token-file' ] || refuse 'You did not specify any valid additional argument to the cloudflared tunnel command.'
case $(env) in
  *TUNNEL_TOKEN* | *CLOUDFLARE_API_TOKEN*) refuse 'A token is in the environment' ;;
esac
token=$(cat "$6") || refuse "Failed to read token file: $6"
decoded=$(printf '%s' "$token" | base64 -d 2>/dev/null) || refuse 'Provided Tunnel token is not valid.'
case $decoded in
  '{"a":"'*'","t":"'*'","s":"'*'"}') ;;
  *) refuse 'Provided Tunnel token is not valid.' ;;
esac
secret=$(printf '%s' "$decoded" | sed 's/.*"s":"\([^"]*\)".*/\1/' | base64 -d 2>/dev/null)

echo "INF Starting tunnel tunnelID=$(printf '%s' "$decoded" | sed 's/.*"t":"\([^"]*\)".*/\1/')"
case $secret in
  *crash*) refuse "ERR Register tunnel error from server side error=\"Unauthorized: Invalid tunnel secret\" token=$token" ;;
  *offline*)
    CONNECTED_AT=0
    echo "ERR Failed to dial a quic connection error=\"timeout: no recent network activity\" token=$token"
    ;;
  *slow*) CONNECTED_AT=$(($(date +%s) + 2)) ;;
  *) CONNECTED_AT=1 ;;
esac
export CONNECTED_AT
echo "INF Starting metrics server on $3/metrics"
trap 'echo "INF Initiating graceful shutdown"; kill "$server" 2>/dev/null; exit 0' TERM INT
# Its `nc` can not bind to an address: it listens on all of them.
busybox nc -ll -p "$port" -e /bin/sh "$0" answer &
server=$!
wait "$server"
