#!/usr/bin/env bats
# The scripts over `launch gpu`, with a stand-in for Linode; what they do on the
# instance goes over a real sshd.

load helper
load sshd
load linode

setup_file() {
  [[ $EUID -ne 0 ]] || make_host
}

setup() {
  stderr= # set by run --separate-stderr
  PORT=
  export LAUNCH_SSH_PAUSE=0.2 LAUNCH_TOOLS_DIR=${LAUNCH_TOOLS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/launch/tools}
  export HOME=$BATS_TEST_TMPDIR/home
  mkdir -p "$HOME"
  unset XDG_STATE_HOME
  start_linode --serves
}

teardown() {
  stop_sshd
  stop_linode
}

# $1 a script, then its arguments; the expected exit status comes first.
script() {
  run "$1" --separate-stderr "$REPO/scripts/$2.sh" "${@:3}"
}

live() {
  linode_state '[.instances[] | select(.deletedAt == null) | .label]'
}

# The instance as a host over SSH, whose set-up has come to this status.
be_host() {
  require_sshd
  rm -rf -- "${HOST:?}/root" "${HOST:?}/bin"
  start_sshd "$ADDRESS"
  mkdir -p "$HOST/root/var/log/ai-sandbox" "$HOST/root/opt/ai-sandbox" "$HOME/.ssh" "$BATS_TEST_TMPDIR/bin"
  set_status "$1"
  printf "MODEL_ID='tiny'\nVLLM_API_KEY='sk-stand-in-0123456789'\n" >"$HOST/root/opt/ai-sandbox/.env"
  printf '  E-mail:    me@example.org\n  Key:       sk-stand-in-0123456789\n' >"$HOST/root/root/ai-sandbox-credentials.txt"
  cp "$HOST/key" "$HOME/.ssh/id_ed25519"
  cp "$HOST/key.pub" "$HOME/.ssh/id_ed25519.pub"
  # Port 22 may be this machine's own; of an option that is given twice the first counts.
  printf '#!/bin/sh\nexec %q -F %q -o Port=%d "$@"\n' "$(command -v ssh)" "$HOME/.ssh/config" "$PORT" >"$BATS_TEST_TMPDIR/bin/ssh"
  printf '%s\n' 'StrictHostKeyChecking accept-new' "UserKnownHostsFile $HOME/.ssh/known_hosts" \
    "IdentityFile $HOME/.ssh/id_ed25519" >"$HOME/.ssh/config"
  chmod +x "$BATS_TEST_TMPDIR/bin/ssh"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

set_status() {
  printf '%s\n' "$1" >"$HOST/root/var/log/ai-sandbox/status.new"
  mv "$HOST/root/var/log/ai-sandbox/status.new" "$HOST/root/var/log/ai-sandbox/status.json"
}

RUNNING='{"state":"running","phases":[{"name":"download","state":"running","seconds":0}],"error":null,"urls":{}}'
READY='{"state":"ready","phases":[{"name":"download","state":"done","seconds":61}],"error":null,"urls":{}}'
FAILED='{"state":"failed","phases":[],"error":{"code":"MODEL_NOT_FOUND","message":"No such model.","remedy":"Check model_id."},"urls":{}}'

@test "an instance is made, found again, asked and deleted" {
  script -0 deploy-direct --label sandbox --ttl 4h --max-hourly-cost 1
  assert_equal "$(labels)" '["sandbox"]'
  assert_contains "$(linode_state '[.instances[0].tags[]]')" launch-delete-after:
  assert_lacks "$output$stderr" "$LINODE_TOKEN"
  script -0 create-instance --label sandbox
  assert_equal "$(linode_state .made)" 1
  script -0 validate-services --label sandbox
  script -0 cleanup-instance --label sandbox --yes
  assert_equal "$(linode_state '[.firewalls[].label]')" '[]'
  script -1 validate-services --label sandbox
}

@test "what is past its time is listed, and deleted" {
  script -0 create-instance --label sandbox --ttl 1m
  script -0 create-instance --label other --ttl 1m
  # Its time is over, as if a day had passed.
  curl --silent --fail --request PUT --header "Authorization: Bearer $LINODE_TOKEN" --header 'content-type: application/json' \
    --data '{"tags": ["launch", "launch-delete-after:20200101T000000Z"]}' \
    "$LINODE_API_URL/linode/instances/$(linode_state '.instances[] | select(.label == "sandbox") | .id')" >/dev/null
  script -0 cleanup-instance --expired --dry-run
  assert_contains "$output$stderr" sandbox
  script -0 cleanup-instance --expired
  script -0 cleanup-instance --label sandbox --yes
  assert_equal "$(live)" '["other"]'
}

@test "a dry run makes nothing" {
  be_host "$READY"
  script -0 create-instance --label sandbox --dry-run
  script -0 deploy-full --label sandbox --dry-run
  assert_equal "$(linode_state .made)" 0
}

@test "a whole deployment: each phase, a real chat, and a summary" {
  be_host "$READY"
  script -0 deploy-full --label sandbox --ttl 4h
  assert_contains "$stderr" 'download: done'
  assert_contains "$output" "http://$ADDRESS:3000"
  assert_contains "$output" 'the set-up on it'
  assert_lacks "$output$stderr" sk-stand-in
  assert_contains "$(cat "$HOME/.local/state/launch/gpu-known-hosts")" 'linode-'
  assert_equal "$(labels)" '["sandbox"]'
}

@test "a set-up that fails is told, and the instance is deleted; with --keep it stays" {
  be_host "$FAILED"
  script -3 deploy-full --label sandbox
  assert_contains "$stderr" 'MODEL_NOT_FOUND: No such model.'
  assert_contains "$stderr" 'deleting sandbox'
  assert_equal "$(live)" '[]'
  script -4 deploy-full --label kept --keep
  assert_contains "$stderr" 'kept is kept, and bills'
  # What was there before is not deleted for a run that failed.
  script -4 deploy-full --label kept
  assert_equal "$(live)" '["kept"]'
}

@test "an instance that does not come up is told, and what is left of it" {
  be_host "$READY"
  linode_set '{"failNext": "linode_boot"}'
  script -3 deploy-full --label sandbox
  assert_contains "$stderr" 'linode_boot failed. sandbox has been deleted again.'
  assert_equal "$(live)" '[]'
  linode_set '{"failNext": "linode_boot"}'
  script -4 deploy-full --label sandbox --keep
  assert_contains "$stderr" 'linode_boot failed'
  assert_contains "$stderr" 'cleanup-instance.sh --label sandbox'
  assert_equal "$(live)" '["sandbox"]'
}

@test "a command that is killed leaves word of what may be there" {
  be_host "$READY"
  linode_set '{"bootMs": 60000}'
  "$REPO/scripts/deploy-full.sh" --label sandbox 2>"$BATS_TEST_TMPDIR/log" 3>&- &
  script=$!
  until grep -q 'is made: id' "$BATS_TEST_TMPDIR/log"; do sleep 0.1; done
  kill -KILL "$(pgrep -P "$(pgrep -P "$script")")"
  status=0
  wait "$script" || status=$?
  assert_equal "$status" 4
  assert_contains "$(cat "$BATS_TEST_TMPDIR/log")" 'sandbox may still be there, and bills'
}

# Runs a command at a terminal of its own and presses Ctrl-C once it has said $1.
# What it says goes to the log, its exit status is this one's.
with_ctrl_c() {
  python3 - "$@" <<'PYTHON' >"$BATS_TEST_TMPDIR/log" 3>&-
import os, pty, sys
process, terminal = pty.fork()
if process == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
said, pressed = b'', False
while True:
    try:
        some = os.read(terminal, 4096)
    except OSError:
        break
    said += some
    sys.stdout.buffer.write(some)
    if not pressed and sys.argv[1].encode() in said:
        pressed = True
        os.write(terminal, b'\x03')
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
PYTHON
}

@test "Ctrl-C deletes what was made, and only that" {
  be_host "$RUNNING"
  run -3 with_ctrl_c 'download ...' "$REPO/scripts/deploy-full.sh" --label sandbox
  assert_contains "$(cat "$BATS_TEST_TMPDIR/log")" 'deleting sandbox'
  assert_equal "$(live)" '[]'
  run -4 with_ctrl_c 'download ...' "$REPO/scripts/deploy-full.sh" --label sandbox --keep
  assert_equal "$(live)" '["sandbox"]'
  # It is another run's now.
  run -4 with_ctrl_c 'download ...' "$REPO/scripts/deploy-full.sh" --label sandbox
  assert_equal "$(live)" '["sandbox"]'
}

@test "Ctrl-C while Linode makes it leaves nothing, or with --keep what a label finds" {
  linode_set '{"bootMs": 60000}'
  run -1 with_ctrl_c 'is made: id' "$REPO/scripts/deploy-direct.sh" --label sandbox
  assert_equal "$(live)" '[]'
  run -1 with_ctrl_c 'is made: id' "$REPO/scripts/create-instance.sh" --label sandbox --keep
  assert_contains "$(cat "$BATS_TEST_TMPDIR/log")" 'is kept and costs on'
  assert_equal "$(live)" '["sandbox"]'
}

@test "a test of a whole deployment leaves nothing" {
  be_host "$READY"
  script -2 test-deployment --label sandbox
  assert_contains "$stderr" 'costs money'
  script -0 test-deployment --yes --label sandbox
  assert_contains "$stderr" 'passed in'
  assert_equal "$(live)" '[]'
  script -0 create-instance --label sandbox
  script -1 test-deployment --yes --label sandbox
  assert_contains "$stderr" 'already'
}

@test "what lacks is said in a sentence, and wrong usage ends with 2" {
  for name in create-instance deploy-direct deploy-full test-deployment validate-services cleanup-instance run-stackscript; do
    script -0 "$name" --help
    assert_contains "$output" "Usage: scripts/$name.sh"
    assert_contains "$output" 'Exit: 0'
  done
  for name in create-instance deploy-direct deploy-full validate-services; do script -2 "$name"; done
  for name in create-instance deploy-direct cleanup-instance; do script -2 "$name" --label sandbox --nonsense; done
  script -1 deploy-full --label sandbox
  assert_contains "$stderr" 'there is no SSH key'
  unset LINODE_TOKEN
  script -2 create-instance --label sandbox
  assert_contains "$stderr" 'LINODE_TOKEN is not set'
}

@test "the quickstart, block by block" {
  be_host "$READY"
  # What a person types at the prompt for the token comes by stdin.
  awk '/^```sh$/ { block = 1; next } /^```/ { block = 0 } block' "$REPO/docs/quickstart.md" >"$BATS_TEST_TMPDIR/quickstart"
  token=$LINODE_TOKEN
  unset LINODE_TOKEN
  cd "$REPO"
  run bash -euo pipefail "$BATS_TEST_TMPDIR/quickstart" <<<"$token"
  [[ $status == 0 ]] || fail "$output"
  assert_contains "$output" 'me@example.org'
  assert_contains "$output" '"content":"Hello."'
  assert_equal "$(linode_state .made)" 1
  assert_equal "$(labels)" '[]'
}
