# shellcheck shell=bash
# A stand-in for Linode's API as a process of its own, whose instances have one
# address of the loopback network. Sourced after helper.bash and sshd.bash.

# $@ further options of test/support/linode-api/main.ts, such as --serves.
start_linode() {
  local tries
  # An address for this test file alone: others run at the same time.
  ADDRESS=127.$((RANDOM % 100 + 100)).$((RANDOM % 256)).$((RANDOM % 254 + 1))
  rm -f "$BATS_TEST_TMPDIR/linode-port"
  node "$REPO/test/support/linode-api/main.ts" --port-file "$BATS_TEST_TMPDIR/linode-port" --address "$ADDRESS" \
    --boot-ms 50 --stay "$@" </dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/linode.log" 3>&- &
  LINODE=$!
  for ((tries = 0; tries < 200; tries++)); do
    [[ ! -s $BATS_TEST_TMPDIR/linode-port ]] || break
    sleep 0.05
  done
  LINODE_ORIGIN=http://127.0.0.1:$(cat "$BATS_TEST_TMPDIR/linode-port") ||
    fail 'the stand-in for Linode did not start' "$(cat "$BATS_TEST_TMPDIR/linode.log")"
  export LINODE_API_URL=$LINODE_ORIGIN/v4 LAUNCH_ADDRESS_URL=$LINODE_ORIGIN/address LAUNCH_GPU_POLL=50ms
  export LINODE_TOKEN=linode-token-0123456789abcdef
}

# Nothing that a client should not send was sent.
stop_linode() {
  local refused
  [[ -n ${LINODE:-} ]] || return 0
  refused=$(linode_state .refused)
  kill "$LINODE"
  wait "$LINODE" 2>/dev/null || true
  LINODE=
  assert_equal "$refused" '[]'
}

# $1 a jq filter over what the stand-in holds.
linode_state() {
  curl --silent --fail "$LINODE_ORIGIN/fake/state" | jq -c "$1"
}

# $1 JSON for /fake/set.
linode_set() {
  curl --silent --fail --header 'content-type: application/json' --data "$1" "$LINODE_ORIGIN/fake/set" >/dev/null
}

labels() {
  linode_state '[.instances[].label]'
}
