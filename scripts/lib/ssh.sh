# shellcheck shell=bash
# A host over SSH: the connection's options, and a StackScript that is started
# and followed there. Sourced after gpu.sh.

SSH_HOST=
SSH_USER=root
SSH_PORT=22
SSH_IDENTITY=
SSH_KNOWN_HOSTS=
# The host's name in known_hosts, when its address may be another host's tomorrow.
SSH_ALIAS=

# Takes one option, with its value, of those that all scripts with a host share.
take_ssh_option() {
  case $1 in
    --user | --port | --identity | --known-hosts) (($# > 1)) || usage_error "$1 needs a value" ;;
  esac
  case $1 in
    --user) SSH_USER=$2 ;;
    --port) SSH_PORT=$2 ;;
    --identity) SSH_IDENTITY=$2 ;;
    --known-hosts) SSH_KNOWN_HOSTS=$2 ;;
    *) return 1 ;;
  esac
}

check_ssh_options() {
  # ssh would take what begins with a hyphen for an option.
  [[ $SSH_HOST =~ ^[A-Za-z0-9][A-Za-z0-9.:-]*$ ]] || usage_error "'$SSH_HOST' is no host name and no address"
  [[ $SSH_USER =~ ^[A-Za-z_][A-Za-z0-9_.-]*$ ]] || usage_error "'$SSH_USER' is no user's name"
  [[ $SSH_PORT =~ ^[1-9][0-9]{0,4}$ ]] || usage_error "--port takes a port, not '$SSH_PORT'"
  command -v ssh >/dev/null || die 'there is no ssh. Install it, for example: apt-get install openssh-client'
  [[ -z $SSH_IDENTITY || -r $SSH_IDENTITY ]] || die "the key $SSH_IDENTITY can't be read"
  [[ -z $SSH_KNOWN_HOSTS || -r $SSH_KNOWN_HOSTS ]] || die "$SSH_KNOWN_HOSTS can't be read"
}

# Runs a bash on the host that reads its program from stdin.
on_host() {
  local options=(-T -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=10 -o ServerAliveCountMax=3
    -o ForwardAgent=no -o ControlPath=none -p "$SSH_PORT" -l "$SSH_USER") command=(bash -s)
  if [[ -n $SSH_KNOWN_HOSTS && -z $SSH_ALIAS ]]; then
    # Someone knows the host's key: no other will do.
    options+=(-o StrictHostKeyChecking=yes -o "UserKnownHostsFile=$SSH_KNOWN_HOSTS")
  else
    options+=(-o StrictHostKeyChecking=accept-new)
    [[ -z $SSH_ALIAS ]] || options+=(-o "HostKeyAlias=$SSH_ALIAS" -o CheckHostIP=no)
    [[ -z $SSH_KNOWN_HOSTS ]] || options+=(-o "UserKnownHostsFile=$SSH_KNOWN_HOSTS")
  fi
  [[ -z $SSH_IDENTITY ]] || options+=(-o IdentitiesOnly=yes -i "$SSH_IDENTITY")
  [[ $SSH_USER == root ]] || command=(sudo -n bash -s)
  ssh "${options[@]}" -- "$SSH_HOST" "${command[@]}"
}

# $1 what to do there; then the script and its values, for `start`.
host_program() {
  printf 'OPERATION=%q PAUSE=%q\n' "$1" "${LAUNCH_SSH_PAUSE:-2}"
  if [[ $1 == start ]]; then
    printf "SCRIPT='%s'\n" "$(base64 -w 0 <"$2")"
    printf "VALUES='%s'\n" "$(base64 -w 0 <"$3")"
  fi
  cat "$ROOT/scripts/lib/stackscript-host.sh"
}

# What another attempt will not mend; $1 what ssh said.
is_refused() {
  grep -qE 'Permission denied|Host key verification failed|HOST IDENTIFICATION HAS CHANGED|Could not resolve|not allowed|a password is required' "$1"
}

# Starts a script on the host, or finds that one runs there already. $1 the script, $2 its values.
start_on_host() {
  local answer status=0
  # One connection, so that either all of it arrives or nothing runs.
  answer=$(host_program start "$1" "$2" | on_host 2> >(tee "$WORK_DIR/ssh" >&2)) || status=$?
  case $status:$answer in
    0:started) say "The script runs on $SSH_HOST, and goes on without this connection." ;;
    0:running) say "A script runs on $SSH_HOST already: this one was not started. What follows is that one." ;;
    255:*) die "$SSH_HOST can't be reached as $SSH_USER on port $SSH_PORT; the reason is above." ;;
    *) die "the script could not be started on $SSH_HOST; the reason is above." ;;
  esac
}

# Follows over one connection. $1 how many seconds it may take.
follow_once() {
  local status=0
  host_program follow | on_host 2>"$WORK_DIR/ssh" |
    node "$ROOT/scripts/lib/follow-stackscript.ts" "$WORK_DIR/told" "$1" || status=${PIPESTATUS[2]}
  return "$status"
}

# Follows what a script on the host does, over cut connections and restarts of
# the host. $1 how many seconds it may take. Returns 0 when it is ready, else 4.
follow_on_host() {
  local deadline=$((SECONDS + $1)) status refusals=0 lost=false
  while :; do
    status=0
    attended follow_once "$((deadline > SECONDS ? deadline - SECONDS : 0))" || status=$?
    [[ $INTERRUPTED == false ]] || return 4
    case $status in
      0) return 0 ;;
      75) ;;
      5)
        say "It had $(human_seconds "$1"), and goes on: $SSH_HOST:/var/log/ai-sandbox/deployment.log says what it does."
        return 4
        ;;
      *) return 4 ;;
    esac
    # A host that has just been made may take a moment to know its keys.
    if is_refused "$WORK_DIR/ssh" && ((++refusals >= 3)); then
      cat "$WORK_DIR/ssh" >&2
      say "error: no way to $SSH_HOST as $SSH_USER on port $SSH_PORT; the reason is above."
      return 4
    fi
    [[ $lost == true ]] || say "  no connection to $SSH_HOST (it may be starting); trying again"
    lost=true
    # In a way that a signal ends.
    attended sleep "${LAUNCH_SSH_PAUSE:-5}" || true
    [[ $INTERRUPTED == false ]] || return 4
  done
}
