# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# What this script has made, one `kind=what` a line. Written before the thing itself, so that a run that is cut off has
# recorded it; --remove goes by it, and takes away nothing that was here before.

readonly RECORD_TITLE='# What setup-runner.sh has made on this machine; its --remove goes by this file.'

recorded() {
  [[ -r $RECORD ]] && grep -qxF -- "$1=$2" "$RECORD"
}

# All that is recorded of a kind, the latest first.
records_of() {
  local lines=() index
  [[ -r $RECORD ]] || return 0
  mapfile -t lines < <(sed -n "s/^$1=//p" "$RECORD")
  for ((index = ${#lines[@]} - 1; index >= 0; index--)); do printf '%s\n' "${lines[index]}"; done
}

# The file's own folder is the first thing that is made.
record() {
  [[ $DRY_RUN == false ]] || return 0
  recorded "$1" "$2" && return
  if [[ ! -e $RECORD ]]; then
    local made=()
    [[ -d $CONFIG_DIR ]] || made=("folder=$CONFIG_DIR")
    mkdir -p "$CONFIG_DIR"
    printf '%s\n' "$RECORD_TITLE" "${made[@]}" | replace "$RECORD" 644 root:root
  fi
  { cat "$RECORD" && printf '%s=%s\n' "$1" "$2"; } | replace "$RECORD" 644 root:root
}

# Of a kind there is one: the value before it is forgotten.
record_only() {
  [[ $DRY_RUN == false ]] || return 0
  recorded "$1" "$2" && return
  if [[ -n $(records_of "$1") ]]; then grep -v "^$1=" "$RECORD" | replace "$RECORD" 644 root:root; fi
  record "$1" "$2"
}

# Writes stdin to a file as a whole or not at all. $1 the file, $2 its mode, $3 its owner.
replace() {
  local path=$1 new=$1.new
  rm -f -- "$new"
  (umask 077 && cat >"$new")
  chown "$3" "$new"
  chmod "$2" "$new"
  sync -- "$new"
  mv -fT -- "$new" "$path"
}

# Brings a file to this content. $1 the file, $2 its mode, $3 its owner, $4 the content.
ensure_file() {
  local path=$1 mode=$2 owner=$3 content=$4
  if [[ -f $path && ! -L $path && $(stat -c '%a %U:%G' -- "$path") == "$mode $owner" ]] &&
    printf '%s\n' "$content" | cmp -s - "$path"; then
    [[ ! -e $path.new ]] || change "remove $path.new, left by a run that was cut off" rm -f -- "$path.new"
    return 0
  fi
  change "write $path" write_file "$path" "$mode" "$owner" "$content"
}

write_file() {
  [[ -e $1 ]] || record file "$1"
  printf '%s\n' "$4" | replace "$1" "$2" "$3"
}

# $1 the folder, $2 its mode, $3 its owner.
ensure_folder() {
  [[ ! -L $1 ]] || die "$1 is a link; this script does not follow it"
  if [[ ! -d $1 ]]; then
    change "make the folder $1" make_folder "$@"
  elif [[ $(stat -c '%a %U:%G' -- "$1") != "$2 $3" ]]; then
    change "give the folder $1 its owner and mode, $3 $2" own_folder "$@"
  fi
}

make_folder() {
  record folder "$1"
  mkdir -p -- "$1"
  own_folder "$@"
}

own_folder() {
  chown "$3" -- "$1"
  chmod "$2" -- "$1"
}
