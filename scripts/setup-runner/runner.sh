# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# GitHub's runner: its archive, and its registration.

# Root's, with everything in it: the runner reads `.env` there when it starts, and who could write that could leave the
# gate out. Its logs and its work are elsewhere or in folders of their own.
release_folder() {
  printf '%s/%s' "$RUNNER_DIR" "$VERSION"
}

ensure_release() {
  local folder
  folder=$(release_folder)
  ensure_folder "$RUNNER_DIR" 755 root:root
  if compgen -G "$RUNNER_DIR/.new.*" >/dev/null; then
    change 'remove what a run that was cut off has left' rm -rf -- "$RUNNER_DIR"/.new.*
  fi
  [[ $(cat "$folder/.launch-sha256" 2>/dev/null) == "$SHA256" ]] ||
    change "fetch the runner $VERSION for $ARCHITECTURE, check its SHA-256, and unpack it to $folder" fetch_release "$folder"
}

# In place by one rename: the folder is there as a whole or not at all.
fetch_release() {
  local folder=$1 new archive url actual
  new=$(mktemp -d "$RUNNER_DIR/.new.XXXXXX")
  NEW_RELEASE=$new
  archive=$new/archive url=$RELEASES/v$VERSION/actions-runner-linux-$ARCHITECTURE-$VERSION.tar.gz
  curl --fail --silent --show-error --location --retry 3 --connect-timeout 20 --speed-time 60 --speed-limit 1000 \
    --output "$archive" "$url" || die "the runner could not be fetched from $url"
  actual=$(sha256sum "$archive" | cut -d ' ' -f 1)
  [[ $actual == "$SHA256" ]] ||
    die "the archive of the runner $VERSION has another checksum than the pinned one: it was not unpacked
  expected $SHA256
  got      $actual
  from     $url"
  mkdir "$new/root"
  tar -xzf "$archive" -C "$new/root" --no-same-owner --no-same-permissions
  [[ -x $new/root/config.sh && -x $new/root/bin/Runner.Listener ]] || die "the archive of the runner $VERSION holds no runner"
  install -d -m 700 -o "$RUNNER_USER" -g "$RUNNER_USER" "$new/root/_diag"
  printf '%s\n' "$SHA256" >"$new/root/.launch-sha256"
  runner_environment >"$new/root/.env"
  chmod 755 "$new/root"
  if [[ -e $folder ]]; then
    wait_until_idle
    rm -rf -- "$folder"
  fi
  mv -T -- "$new/root" "$folder"
  rm -rf -- "$new"
  NEW_RELEASE=
}

drop_new_release() {
  [[ -z ${NEW_RELEASE:-} ]] || rm -rf -- "$NEW_RELEASE"
}

# What a file named `.env` says wins over the unit; so both say it.
runner_environment() {
  printf 'LANG=C.UTF-8\nACTIONS_RUNNER_HOOK_JOB_STARTED=%s\n' "$HOOK"
}

# For config.sh, one a line. It never updates itself: it could not write to its folder, and an update is checked here.
wanted_arguments() {
  local where=$SERVER/${REPOSITORY:-$ORGANISATION}
  printf '%s\n' --unattended --replace --disableupdate --url "$where" --name "$NAME" --labels "$LABELS" --work "$HOME_DIR/work"
  [[ -z $GROUP ]] || printf '%s\n' --runnergroup "$GROUP"
  [[ $EPHEMERAL == false ]] || printf '%s\n' --ephemeral
}

ensure_registration() {
  forget_old_registration
  record_only server "$SERVER"
  record_only scope "$SCOPE"
  record_only name "$NAME"
  ensure_file "$ARGUMENTS" 644 root:root "$(wanted_arguments)"
  if [[ $EPHEMERAL == true ]]; then
    ensure_ephemeral
  else
    drop_ephemeral
    ensure_persistent
  fi
}

# Under another name or elsewhere it would stay on GitHub's list. A token of GitHub's API takes it off; else it is said.
forget_old_registration() {
  local name scope
  name=$(records_of name) scope=$(records_of scope)
  [[ -n $name && "$scope $name" != "$SCOPE $NAME" ]] || return 0
  if [[ -n $API_TOKEN ]]; then
    change "take the runner $name off the list of $scope" forget_runner "$scope" "$name"
  else
    say "The runner $name stays on the list of $scope, as offline, until somebody removes it there; with GITHUB_TOKEN this script does."
  fi
}

forget_runner() {
  local SCOPE=$1
  delete_runner "$2"
}

registered() {
  [[ -s $1/.runner && -s $1/.credentials ]] && cmp -s <(wanted_arguments) "$1/.launch-registered"
}

ensure_persistent() {
  local folder other
  folder=$(release_folder)
  if ! registered "$folder" && ! adopt_registration "$folder"; then
    change "register the runner $NAME at $SERVER for ${REPOSITORY:-$ORGANISATION}, with the labels $LABELS" register "$folder"
  fi
  if [[ $(cat "$folder/.env" 2>/dev/null) != "$(runner_environment)" || $(stat -c %U "$folder/.env" 2>/dev/null) != root ]]; then
    change "write $folder/.env" write_environment "$folder"
  fi
  OLD_RELEASES=()
  for other in "$RUNNER_DIR"/*; do
    [[ $other == "$folder" || ! -d $other || $other == "$RUNNER_DIR/*" ]] || OLD_RELEASES+=("$other")
  done
}

write_environment() {
  runner_environment | replace "$1/.env" 644 root:root
}

# A new version takes over the registration of the one before, without a token.
adopt_registration() {
  local other
  for other in "$RUNNER_DIR"/*/; do
    other=${other%/}
    if [[ $other != "$1" && $other != "$INSTANCE" ]] && registered "$other"; then
      change "take over the registration of the runner in $other" copy_registration "$other" "$1"
      return 0
    fi
  done
  return 1
}

# Each is checked: as part of a condition this is called where a failed command would go unseen.
copy_registration() {
  local file
  for file in .runner .credentials .credentials_rsaparams .launch-registered; do
    [[ ! -e $1/$file ]] || cp -p -- "$1/$file" "$2/$file" ||
      die "the registration in $1 could not be copied to $2; is the disk full?"
  done
}

# The last file says that it is whole: one that was cut off is done again, and GitHub replaces the runner of that name.
register() {
  local folder=$1 file arguments=()
  get_runner_token registration
  mapfile -t arguments <"$ARGUMENTS"
  wait_until_idle
  forget_registration "$folder"
  (cd "$folder" && umask 077 && RUNNER_ALLOW_RUNASROOT=1 ACTIONS_RUNNER_INPUT_TOKEN=$RUNNER_TOKEN_VALUE \
    ./config.sh "${arguments[@]}" </dev/null >&2) ||
    die 'the runner could not be registered, its own words are above. A registration token is good for an hour.'
  for file in .runner .credentials .credentials_rsaparams; do
    [[ -e $folder/$file ]] || continue
    chown "root:$RUNNER_USER" "$folder/$file"
    chmod 640 "$folder/$file"
  done
  write_environment "$folder"
  chown -R "$RUNNER_USER:$RUNNER_USER" "$folder/_diag"
  cp -- "$ARGUMENTS" "$folder/.launch-registered"
}

# The file that says it is whole goes first.
forget_registration() {
  rm -f -- "$1/.launch-registered"
  rm -f -- "$1"/{.runner,.runner_migrated,.credentials,.credentials_migrated,.credentials_rsaparams}
}

ensure_ephemeral() {
  local folder other
  folder=$(release_folder)
  if [[ -n $API_TOKEN ]]; then
    ensure_file "$CREDENTIAL" 600 root:root "$API_TOKEN"
  elif [[ ! -s $CREDENTIAL ]]; then
    [[ $DRY_RUN == true ]] || die '--ephemeral registers the runner again for each job, and takes GITHUB_TOKEN for that (see docs/runners.md)'
    say "would: write $CREDENTIAL, from GITHUB_TOKEN"
  fi
  ensure_file "$REGISTER" 755 root:root "$(register_script)"
  # GitHub forgets that runner when the first one of the same name comes.
  if [[ -e $folder/.launch-registered ]]; then
    change 'forget the registration that is used no more' forget_registration "$folder"
  fi
  OLD_RELEASES=()
  for other in "$RUNNER_DIR"/*; do
    [[ $other == "$folder" || $other == "$INSTANCE" || ! -d $other ]] || OLD_RELEASES+=("$other")
  done
}

drop_ephemeral() {
  local file
  for file in "$CREDENTIAL" "$REGISTER"; do
    [[ ! -e $file ]] || change "remove $file" rm -f -- "$file"
  done
}

# Versions from before are kept until the service runs without them.
drop_old_releases() {
  local old
  for old in "${OLD_RELEASES[@]}"; do
    change "remove $old" rm -rf -- "$old"
  done
}
