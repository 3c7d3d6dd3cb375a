#!/usr/bin/env bats
# scripts/run-stackscript.sh, over a real sshd.

load helper
load sshd

setup_file() {
  [[ $EUID -eq 0 ]] && PATH=$PATH:/usr/sbin command -v sshd >/dev/null || return 0
  make_host
}

setup() {
  require_sshd
  export LAUNCH_SSH_PAUSE=0.2
  stderr= # set by run --separate-stderr
  PORT=
  rm -rf -- "${HOST:?}/root" "${HOST:?}/bin"
  start_sshd 127.0.0.1
  printf '[127.0.0.1]:%s %s\n' "$PORT" "$(cut -d ' ' -f 1,2 "$HOST/host-key.pub")" >"$HOST/known-hosts"
  SCRIPT=$BATS_TEST_TMPDIR/script.sh
}

teardown() {
  stop_sshd
}

# The body of a StackScript on stdin, after its variables and its words of status.
write_script() {
  # shellcheck disable=SC2016 # the script expands it
  cat >"$SCRIPT" <<<'#!/bin/bash
# <UDF name="model_id" label="Model" default="small" oneof="small,large">
# <UDF name="api_key_password" label="API key" default="">
mkdir -p /var/log/ai-sandbox
# $1 state, $2 phases, $3 error
status() {
  printf "{\"version\":1,\"state\":\"%s\",\"phases\":[%s],\"error\":%s,\"urls\":{\"ui\":\"http://192.0.2.1:3000\"}}\n" "$1" "$2" "${3:-null}" >/var/log/ai-sandbox/status.new
  mv /var/log/ai-sandbox/status.new /var/log/ai-sandbox/status.json
}'
  cat >>"$SCRIPT"
}

# Its words go to a file, so that it can run beside the test.
run_script_to() {
  exec "$REPO/scripts/run-stackscript.sh" --script "$SCRIPT" --port "$PORT" --identity "$HOST/key" \
    --known-hosts "$HOST/known-hosts" --timeout 20 "${MORE[@]}" 127.0.0.1 >"$1" 2>&1 3>&-
}

run_script() {
  run "$@" --separate-stderr "$REPO/scripts/run-stackscript.sh" --script "$SCRIPT" --port "$PORT" \
    --identity "$HOST/key" --known-hosts "$HOST/known-hosts" --timeout 20 "${MORE[@]}" 127.0.0.1
}

DONE='{\"name\":\"preflight\",\"state\":\"done\",\"seconds\":1}'
RUNNING='{\"name\":\"preflight\",\"state\":\"running\"}'

@test "a script runs with its values, its phases are told, and nothing of its secrets is left" {
  write_script <<BASH
printf '%s|%s|%s\n' "\$model_id" "\$api_key_password" "\$HOME" >/root/seen
umask >/root/umask
ls /var/lib/launch-stackscript/run.*/values >/root/values-left 2>&1
status running "$RUNNING"
while [[ ! -e /root/go ]]; do sleep 0.1; done
status ready "$DONE"
BASH
  printf "api_key_password=it's \$(touch /root/hacked) \"secret\"\n" >"$BATS_TEST_TMPDIR/data"
  MORE=(--stackscript-data model_id=large --stackscript-data "@$BATS_TEST_TMPDIR/data")
  run_script_to "$BATS_TEST_TMPDIR/log" &
  run=$!
  eventually grep -qF 'preflight ...' "$BATS_TEST_TMPDIR/log"
  touch "$HOST/root/root/go"
  wait "$run"
  told=$(cat "$BATS_TEST_TMPDIR/log")
  assert_contains "$told" 'preflight: done'
  assert_contains "$told" 'http://192.0.2.1:3000'
  assert_lacks "$told" secret
  assert_equal "$(cat "$HOST/root/root/seen")" "large|it's \$(touch /root/hacked) \"secret\"|/root"
  [[ ! -e $HOST/root/root/hacked ]]
  assert_contains "$(cat "$HOST/root/root/values-left")" 'No such file'
  assert_lacks "$(grep -r secret "$HOST/root" --include='*' -l || true)" launch-stackscript
  assert_equal "$(stat -c %a "$HOST/root/var/lib/launch-stackscript")" 700
}

@test "a failure is told with its code and what to do, and a good run after it is not taken for it" {
  write_script <<'BASH'
if [[ ! -e /root/second ]]; then
  touch /root/second
  status failed '' '{"code":"NO_GPU","message":"There is no GPU.","remedy":"Take another type.\u001b[2J"}'
  exit 1
fi
sleep 1
status ready ''
BASH
  MORE=()
  run_script -4
  assert_contains "$stderr" 'NO_GPU: There is no GPU.'
  assert_contains "$stderr" 'Take another type.'
  assert_lacks "$stderr" $'\e'
  run_script -0
}

@test "the sandbox's own script tells here what it needs, and its words arrive" {
  cp "$REPO/stackscripts/ai-sandbox.sh" "$SCRIPT"
  MORE=(--stackscript-data allowed_addresses=203.0.113.7)
  run_script -4
  assert_contains "$stderr" 'preflight: FAILED'
  assert_contains "$stderr" 'UNSUPPORTED_SYSTEM: '
  assert_contains "$(cat "$HOST/etc/motd")" UNSUPPORTED_SYSTEM
  assert_contains "$(cat "$HOST/root/var/lib/ai-sandbox/settings")" ALLOWED_ADDRESSES=203.0.113.7
}

@test "a cut connection cuts nothing else" {
  write_script <<BASH
status running "$RUNNING"
while [[ ! -e /root/go ]]; do sleep 0.1; done
status ready "$DONE"
BASH
  MORE=()
  run_script_to "$BATS_TEST_TMPDIR/log" &
  run=$!
  eventually grep -qF 'preflight ...' "$BATS_TEST_TMPDIR/log"
  cut_connections
  eventually grep -q 'no connection to 127.0.0.1' "$BATS_TEST_TMPDIR/log"
  touch "$HOST/root/root/go"
  wait "$run"
  # What has been told is not told again.
  assert_equal "$(grep -c 'preflight \.\.\.' "$BATS_TEST_TMPDIR/log")" 1
  assert_contains "$(cat "$BATS_TEST_TMPDIR/log")" 'preflight: done'
}

@test "a host that restarts is waited for, and goes on by its own unit" {
  write_script <<BASH
status running "$RUNNING"
sleep 60
BASH
  MORE=()
  run_script_to "$BATS_TEST_TMPDIR/log" &
  run=$!
  eventually grep -q 'preflight' "$BATS_TEST_TMPDIR/log"
  stop_sshd
  eventually grep -q 'trying again' "$BATS_TEST_TMPDIR/log"
  rm -rf -- "${HOST:?}/root/run"
  start_sshd 127.0.0.1
  printf '{"state":"ready","phases":[]}\n' >"$HOST/root/var/log/ai-sandbox/status.json"
  wait "$run"
  assert_contains "$(cat "$BATS_TEST_TMPDIR/log")" 'The sandbox is ready.'
}

@test "Ctrl-C leaves the script alone, a second start finds it, and --follow looks at it again" {
  write_script <<BASH
echo once >>/root/starts
status running "$RUNNING"
while [[ ! -e /root/go ]]; do sleep 0.1; done
status ready "$DONE"
BASH
  MORE=()
  run_script_to "$BATS_TEST_TMPDIR/log" &
  run=$!
  eventually grep -q 'preflight' "$BATS_TEST_TMPDIR/log"
  kill -TERM "$run"
  status=0
  wait "$run" || status=$?
  assert_equal "$status" 4
  assert_contains "$(cat "$BATS_TEST_TMPDIR/log")" 'run-stackscript.sh --follow 127.0.0.1'

  MORE=(--no-follow)
  run_script -0
  assert_contains "$stderr" 'runs on 127.0.0.1 already'
  touch "$HOST/root/root/go"
  MORE=(--follow)
  run_script -0
  assert_equal "$(cat "$HOST/root/root/starts")" once
}

@test "it gives up in time, and says that the script goes on" {
  write_script <<BASH
status running "$RUNNING"
sleep 60
BASH
  MORE=(--timeout 2)
  run_script -4
  assert_contains "$stderr" 'It had 2s, and goes on'
}

@test "a script that ends without a word is a failure" {
  write_script <<'BASH'
exit 7
BASH
  MORE=()
  run_script -4
  assert_contains "$stderr" 'ended with status 7'
}

@test "a host with another key, and one that nobody knows, hear nothing" {
  write_script <<<'touch /root/ran'
  MORE=()
  ssh-keygen -q -t ed25519 -N '' -f "$BATS_TEST_TMPDIR/other"
  printf '[127.0.0.1]:%s %s\n' "$PORT" "$(cut -d ' ' -f 1,2 "$BATS_TEST_TMPDIR/other.pub")" >"$HOST/known-hosts"
  run_script -1
  assert_contains "$stderr" 'HOST IDENTIFICATION HAS CHANGED'
  : >"$HOST/known-hosts"
  run_script -1
  assert_contains "$stderr" 'Host key verification failed'
  [[ ! -e $HOST/root/root/ran ]]
}

@test "a key that the host does not take is an error that names the user" {
  write_script <<<'touch /root/ran'
  ssh-keygen -q -t ed25519 -N '' -f "$BATS_TEST_TMPDIR/other"
  MORE=(--identity "$BATS_TEST_TMPDIR/other")
  run_script -1
  assert_contains "$stderr" 'Permission denied'
  assert_contains "$stderr" "can't be reached as root on port $PORT"
}

@test "where systemd runs, the script is a unit of its own" {
  mkdir -p "$HOST/root/run/systemd/system"
  # shellcheck disable=SC2016 # the script expands them
  printf '%s\n' '#!/bin/bash' 'printf "%s\n" "$*" >/root/unit' 'while [[ $1 != -- ]]; do shift; done' 'shift' \
    'setsid "$@" </dev/null >/dev/null 2>&1 &' >"$HOST/bin/systemd-run"
  chmod +x "$HOST/bin/systemd-run"
  write_script <<<"status ready ''"
  MORE=()
  run_script -0
  [[ $(cat "$HOST/root/root/unit") =~ ^--quiet\ --collect\ --unit=launch-stackscript-[A-Za-z0-9]{8}\ --\ /bin/bash\ /var/lib/launch-stackscript/run\. ]]
}

@test "a program that is cut off on its way does nothing" {
  write_script <<<'touch /root/ran'
  printf "model_id='small'\n" >"$BATS_TEST_TMPDIR/values"
  whole=$(host_program start "$SCRIPT" "$BATS_TEST_TMPDIR/values")
  for length in 20 200 1000 "$((${#whole} / 2))" "$((${#whole} - 14))"; do
    printf '%s' "${whole:0:length}" | ssh -T -p "$PORT" -i "$HOST/key" -o "UserKnownHostsFile=$HOST/known-hosts" \
      root@127.0.0.1 bash -s >/dev/null 2>&1 || true
  done
  [[ ! -e $HOST/root/var/lib/launch-stackscript ]]
}

host_program() (
  ROOT=$REPO
  # shellcheck source=scripts/lib/ssh.sh
  source "$REPO/scripts/lib/ssh.sh"
  host_program "$@"
)

@test "what is wrong with the values is said before the host is asked" {
  write_script <<<'touch /root/ran'
  stop_sshd
  MORE=(--stackscript-data model=large)
  run_script -2
  assert_contains "$stderr" "has no variable 'model'. It has: model_id, api_key_password"
  MORE=(--stackscript-data model_id=huge)
  run_script -2
  assert_contains "$stderr" 'model_id is one of: small, large'
  MORE=(--stackscript-data api_key_password=hunter2)
  run_script -2
  assert_contains "$stderr" 'give api_key_password in a file'
  assert_lacks "$stderr" hunter2
}

@test "wrong usage ends with 2" {
  # shellcheck disable=SC2016 # as it stands
  for arguments in '' 'one two' '--port x host' '--nonsense host' '-oProxyCommand=x' '--timeout soon host' '--user a;b host' 'x$y'; do
    # shellcheck disable=SC2086 # several arguments
    run -2 "$REPO/scripts/run-stackscript.sh" $arguments
  done
  run -0 "$REPO/scripts/run-stackscript.sh" --help
  assert_contains "$output" 'Usage: scripts/run-stackscript.sh'
}
