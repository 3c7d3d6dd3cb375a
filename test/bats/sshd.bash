# shellcheck shell=bash
# A real sshd of this machine as a host of its own: on loopback, with a key of
# its own, in a mount namespace with a copy of /etc, and with empty ones of /root,
# /var/lib, /var/log, /run and /opt.

# As require_docker.
require_sshd() {
  local why=
  if [[ ${EUID} -ne 0 ]]; then
    why='a host of its own takes root'
  elif ! PATH=$PATH:/usr/sbin command -v sshd >/dev/null; then
    why='there is no sshd. Run scripts/setup-dev.sh --only linters.'
  fi
  [[ -n $why ]] || return 0
  [[ ${CI:-} != true ]] || fail "$why"
  skip "$why"
}

# Once for a file: keys, and what the host's own files are.
make_host() {
  HOST=$BATS_FILE_TMPDIR/host
  mkdir -p "$HOST"
  ssh-keygen -q -t ed25519 -N '' -f "$HOST/key"
  ssh-keygen -q -t ed25519 -N '' -f "$HOST/host-key"
  cp "$HOST/key.pub" "$HOST/authorized-keys"
  cp -a /etc "$HOST/etc"
  export HOST
}

# $1 the address to listen on, PORT the port when it is to be the same again.
# /run of the host is $HOST/root/run seen from outside, and so on; /etc is $HOST/etc.
start_sshd() {
  local tries
  PORT=${PORT:-$(free_port)}
  mkdir -p "$HOST/bin" "$HOST"/root/{root,var/lib,var/log,run/sshd,opt}
  cat >"$HOST/sshd_config" <<CONFIG
ListenAddress $1:$PORT
HostKey $HOST/host-key
AuthorizedKeysFile $HOST/authorized-keys
PidFile none
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
SetEnv PATH=$HOST/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CONFIG
  # shellcheck disable=SC2016 # the shell in the namespace expands it
  unshare --mount --propagation private --pid --fork --kill-child --mount-proc bash -c '
    for folder in root var/lib var/log run opt; do mount --bind "$1/root/$folder" "/$folder" || exit; done
    mount --bind "$1/etc" /etc || exit
    /usr/sbin/sshd -D -e -f "$1/sshd_config"; exit' sshd "$HOST" </dev/null >>"$HOST/sshd.log" 2>&1 3>&- &
  SSHD=$!
  for ((tries = 0; tries < 100; tries++)); do
    (exec 4<>"/dev/tcp/$1/$PORT") 2>/dev/null && return
    sleep 0.05
  done
  fail 'sshd does not answer' "$(cat "$HOST/sshd.log")"
}

# The host is off: nothing of it runs any more.
stop_sshd() {
  [[ -n ${SSHD:-} ]] || return 0
  kill -KILL "$SSHD" 2>/dev/null || true
  wait "$SSHD" 2>/dev/null || true
  SSHD=
}

# Only the connections: what was started over them goes on.
cut_connections() {
  local shell listener session
  shell=$(pgrep -P "$SSHD")
  listener=$(pgrep -P "$shell" -f 'sshd.*-D')
  for session in $(pgrep -P "$listener"); do kill -KILL "$session" 2>/dev/null || true; done
}
