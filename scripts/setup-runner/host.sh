# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# The runner's user, the groups that it is in, and the folders.

has_group() {
  [[ -n $(getent group "$1") ]]
}

# $1 the user, $2 the group.
is_member() {
  [[ " $(id -nG "$1" 2>/dev/null) " == *" $2 "* ]]
}

ensure_user() {
  local group
  has_group "$STATE_GROUP" || change "make the group $STATE_GROUP" make_group "$STATE_GROUP"
  if ! getent passwd "$RUNNER_USER" >/dev/null; then
    change "make the user $RUNNER_USER, without a password" make_user
  else
    check_user
  fi
  for group in "$STATE_GROUP" docker; do
    is_member "$RUNNER_USER" "$group" ||
      change "put $RUNNER_USER into the group $group" join_group "$group"
  done
}

make_group() {
  record group "$1"
  groupadd --system "$1"
}

make_user() {
  record user "$RUNNER_USER"
  useradd --system --user-group --home-dir "$HOME_DIR" --no-create-home --shell /usr/sbin/nologin \
    --comment "GitHub Actions runner of Launch" "$RUNNER_USER"
}

# One that was here before is taken only when jobs get nothing by it that they should not have.
check_user() {
  local group
  [[ $(id -u "$RUNNER_USER") != 0 ]] || die "$RUNNER_USER is root by another name"
  for group in root sudo admin wheel adm shadow disk; do
    ! is_member "$RUNNER_USER" "$group" || die "the user $RUNNER_USER is in the group $group: take another with --user"
  done
  [[ $(getent shadow "$RUNNER_USER" | cut -d : -f 2) != '$'* ]] ||
    die "the user $RUNNER_USER has a password: take another with --user, or lock it: passwd --lock $RUNNER_USER"
}

join_group() {
  has_group "$1" || die "there is no group $1; the package of Docker makes it"
  recorded user "$RUNNER_USER" || record membership "$RUNNER_USER:$1"
  usermod --append --groups "$1" "$RUNNER_USER"
}

ensure_folders() {
  ensure_folder "$HOME_DIR" 750 "$RUNNER_USER:$RUNNER_USER"
  ensure_folder "$HOME_DIR/work" 750 "$RUNNER_USER:$RUNNER_USER"
  # The set-group-id bit: what one member of the group makes, the others may use.
  ensure_folder "$STATE_DIR" 2770 "root:$STATE_GROUP"
}

ensure_gate() {
  local policy allowed
  policy="# Which jobs this runner takes; read by $HOOK. Made by setup-runner.sh: run that with
# other --allow-repository and --allow-ref, and it is made anew. Events other than push, workflow_dispatch and
# schedule are always refused."
  for allowed in "${ALLOWED_REPOSITORIES[@]}"; do policy+=$'\n'"repository $allowed"; done
  for allowed in "${ALLOWED_REFS[@]}"; do policy+=$'\n'"ref $allowed"; done
  ensure_folder "$CONFIG_DIR" 755 root:root
  ensure_file "$POLICY" 644 root:root "$policy"
  ensure_folder "$LIB_DIR" 755 root:root
  ensure_file "$HOOK" 755 root:root "$(job_started_hook)"
}
