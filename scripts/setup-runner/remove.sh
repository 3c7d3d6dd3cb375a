# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# --remove: what is recorded goes, the latest first, and nothing else.

remove_all() {
  if [[ ! -e $RECORD ]]; then
    say "Nothing to remove: this script has recorded nothing at $RECORD."
    # The very last of a removal that was cut off.
    if [[ -d $CONFIG_DIR && -z $(ls -A -- "$CONFIG_DIR") ]]; then change "remove $CONFIG_DIR" rmdir -- "$CONFIG_DIR"; fi
    return
  fi
  local recorded_user
  recorded_user=$(records_of user)
  RUNNER_USER=${recorded_user:-$RUNNER_USER}
  wait_until_idle
  remove_registration
  remove_units
  remove_docker
  remove_folders
  remove_packages
  remove_user
  remove_record
}

remove_registration() {
  local folder server
  server=$(records_of server) SCOPE=$(records_of scope) NAME=$(records_of name)
  [[ -n $NAME && $LOCAL_ONLY == false ]] || return 0
  SERVER=$server
  if recorded step unregistered; then return; fi
  if [[ -n $API_TOKEN && -z $GIVEN_TOKEN ]]; then
    change "take the runner $NAME off the list of $SCOPE" delete_runner "$NAME"
  else
    folder=$(dirname "$(compgen -G "$RUNNER_DIR/*/.credentials" | head -n 1)")
    if [[ $folder != . ]]; then
      change "take the runner $NAME off the list of $SCOPE" unregister "$folder"
    else
      say "The registration of $NAME is not on this machine any more. If it is still on the list of $SCOPE, remove it there."
    fi
  fi
  record step unregistered
}

unregister() {
  get_runner_token remove
  if systemctl is-active --quiet "$UNIT"; then systemctl stop "$UNIT"; fi
  (cd "$1" && RUNNER_ALLOW_RUNASROOT=1 ACTIONS_RUNNER_INPUT_TOKEN=$RUNNER_TOKEN_VALUE ./config.sh remove </dev/null >&2) ||
    die 'the runner could not be removed at GitHub, its own words are above. With --local-only GitHub is left alone.'
}

remove_units() {
  local unit reload=false
  for unit in "$UNIT" "$RECOVER_UNIT"; do
    [[ -e $UNIT_DIR/$unit ]] || continue
    if systemctl is-active --quiet "$unit"; then change "stop $unit" systemctl stop "$unit"; fi
    if systemctl is-enabled --quiet "$unit" 2>/dev/null; then change "disable $unit" systemctl disable --quiet "$unit"; fi
    change "remove $UNIT_DIR/$unit" rm -f -- "$UNIT_DIR/$unit"
    reload=true
  done
  if [[ $reload == true ]]; then change 'have systemd read its units again' systemctl daemon-reload; fi
}

# What is deployed stays up: an engine with containers or volumes goes only with --purge. What was found is recorded, as a
# removal that is cut off may find no engine to ask any more.
remove_docker() {
  local uses
  KEEP_DOCKER=false
  if ! recorded package docker-ce || ! installed docker-ce; then return; fi
  if recorded step docker-unused; then return; fi
  if [[ $PURGE == true ]] ||
    { uses=$(docker ps --all --quiet 2>/dev/null && docker volume ls --quiet 2>/dev/null) && [[ -z $uses ]]; }; then
    record step docker-unused
    return
  fi
  KEEP_DOCKER=true
  say 'Docker stays, with its packages: it has containers or volumes, or does not answer. With --purge it goes, with all of them.'
}

# By dpkg: apt would also remove what has come to need one of these since.
purge_packages() {
  local package left=()
  dpkg --purge "$@" </dev/null >&2 || true
  for package in "$@"; do
    if installed "$package"; then left+=("$package"); fi
  done
  ((${#left[@]} == 0)) || say "These packages stay, because others need them by now: ${left[*]}"
}

remove_packages() {
  local package packages=()
  while read -r package; do
    # Those that it needs are kept by dpkg.
    if [[ $KEEP_DOCKER == true && " ${DOCKER_PACKAGES[*]} " == *" $package "* ]]; then continue; fi
    if installed "$package"; then packages+=("$package"); fi
  done < <(records_of package)
  if ((${#packages[@]})); then change "remove the packages ${packages[*]}" purge_packages "${packages[@]}"; fi
  if recorded step docker-unused; then
    local folder
    for folder in "${DOCKER_FOLDERS[@]}"; do
      if recorded docker "$folder" && [[ -e $folder ]]; then change "remove $folder" rm -rf -- "$folder"; fi
    done
    if recorded group docker && has_group docker && ! installed docker.io; then change 'remove the group docker' groupdel docker; fi
  fi
}

# The state folder is data: releases, and what services wrote. It goes when it is empty.
remove_folders() {
  local path
  for path in "$RUNNER_DIR" "$HOME_DIR"; do
    if recorded folder "$path" && [[ -e $path ]]; then change "remove $path" rm -rf -- "$path"; fi
  done
  while read -r path; do
    if [[ $KEEP_DOCKER == true && ($path == "$DOCKER_SOURCE" || $path == "$DOCKER_KEYRING") ]]; then continue; fi
    # Units are gone by now.
    [[ $path == "$UNIT_DIR"/* ]] || rm_file "$path"
  done < <(records_of file)
  rm_file "$CREDENTIAL"
  if recorded folder "$STATE_DIR" && [[ -d $STATE_DIR ]]; then
    if [[ $PURGE == true ]]; then
      change "remove $STATE_DIR, with all that was deployed" rm -rf -- "$STATE_DIR"
    elif [[ -z $(ls -A -- "$STATE_DIR") ]]; then
      change "remove $STATE_DIR" rmdir -- "$STATE_DIR"
    else
      KEEP_STATE=true
      say "$STATE_DIR stays: it holds the releases of what is deployed here. With --purge it goes."
    fi
  fi
  while read -r path; do
    if [[ $path != "$CONFIG_DIR" && -d $path && -z $(ls -A -- "$path") ]]; then change "remove $path" rmdir -- "$path"; fi
  done < <(records_of folder)
}

rm_file() {
  [[ ! -e $1 && ! -e $1.new ]] || change "remove $1" rm -f -- "$1" "$1.new"
}

remove_user() {
  local user group
  while IFS=: read -r user group; do
    if getent passwd "$user" >/dev/null && is_member "$user" "$group"; then
      change "take $user out of the group $group" leave_group "$user" "$group"
    fi
  done < <(records_of membership)
  user=$(records_of user)
  if [[ -n $user ]] && getent passwd "$user" >/dev/null; then change "remove the user $user" userdel "$user"; fi
  if [[ ${KEEP_STATE:-false} == true ]]; then return; fi
  if recorded group "$STATE_GROUP" && has_group "$STATE_GROUP"; then
    change "remove the group $STATE_GROUP" groupdel "$STATE_GROUP"
  fi
}

leave_group() {
  gpasswd --delete "$1" "$2" >/dev/null
}

# The last of all: a removal that was cut off goes on from here.
remove_record() {
  local folder=false
  if [[ ${KEEP_STATE:-false} == true || $KEEP_DOCKER == true ]]; then
    change 'note what has stayed' keep_record
    return
  fi
  if recorded folder "$CONFIG_DIR"; then folder=true; fi
  change "remove $RECORD" rm -f -- "$RECORD" "$RECORD.new"
  if [[ $folder == true && (! -d $CONFIG_DIR || -z $(ls -A -- "$CONFIG_DIR")) ]]; then
    change "remove $CONFIG_DIR" rmdir -- "$CONFIG_DIR"
  fi
}

keep_record() {
  local line path
  {
    printf '%s\n' "$RECORD_TITLE"
    while IFS= read -r line; do
      path=${line#*=}
      case $line in
        "folder=$CONFIG_DIR" | "folder=$STATE_DIR" | "group=$STATE_GROUP") printf '%s\n' "$line" ;;
        file=* | folder=*) [[ ! -e $path || $path == "$RECORD" ]] || printf '%s\n' "$line" ;;
        docker=* | 'group=docker') [[ $KEEP_DOCKER == false ]] || printf '%s\n' "$line" ;;
        package=*) ! installed "$path" || [[ $KEEP_DOCKER == false ]] || printf '%s\n' "$line" ;;
      esac
    done < <(grep -v '^#' "$RECORD")
  } | replace "$RECORD" 644 root:root
}
