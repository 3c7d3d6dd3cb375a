#!/usr/bin/env bash
# Make this machine a runner that Launch deploys with: Docker with compose, a user of its own, GitHub's Actions runner as
# a systemd service, and a gate before each job. For Debian 12 and 13, Ubuntu 22.04 and 24.04, on amd64 and arm64; as root.
#
# Usage: setup-runner.sh --repository OWNER/NAME --labels LABEL[,LABEL...] [OPTION...]
#        setup-runner.sh --organisation NAME --allow-repository OWNER/NAME --labels LABEL[,LABEL...] [OPTION...]
#        setup-runner.sh --remove [--purge] [--local-only] [--dry-run]
#
# Which runner:
#   --repository OWNER/NAME   the repository it belongs to
#   --organisation NAME       or the organisation
#   --labels A,B              its labels, as in `runs-on:` of a target in launch.yml; GitHub adds self-hosted, Linux and
#                             X64 or ARM64 by itself
#   --name NAME               its name at GitHub (default: this machine's)
#   --group NAME              the organisation's runner group
#   --url URL                 of GitHub (default https://github.com; for GitHub Enterprise Server its address)
#   --ephemeral               each job gets a runner that is registered for it alone; keeps GITHUB_TOKEN on this
#                             machine, readable by root
#   --version X --sha256 Y    another version of the runner than the pinned one, with the SHA-256 of its archive
#
# Which jobs it takes (push, workflow_dispatch and schedule only, whatever a workflow says):
#   --allow-repository OWNER/NAME   again for more; OWNER/* is every repository of the owner (default: --repository)
#   --allow-ref REF                 again for more; * and ? are wildcards, and * includes / (default refs/heads/main)
#
# How:
#   --user NAME     the runner's user (default launch-runner)
#   --no-docker     install no Docker: use the one that is here
#   --dry-run       change nothing, print each step
#   --remove        take away what this script has made on this machine, and the runner at GitHub
#   --purge         with --remove: also the deployments' state in /var/lib/launch, and a Docker that this script has
#                   installed, with all its containers and volumes
#   --local-only    with --remove: leave GitHub alone
#   --help          this text
#
# Tokens are never arguments, which every user of a machine can read. One of:
#   RUNNER_TOKEN               a registration token (Settings > Actions > Runners > New self-hosted runner); with --remove
#                              a removal token. Without any of these it is asked for, or read from standard input.
#   GITHUB_TOKEN or GH_TOKEN   asks for such tokens by itself, and whether the runner is online. It takes write access to
#                              the repository's `Administration`, or the organisation's `Self-hosted runners`.
#
# Further environment: GITHUB_API_URL; LAUNCH_RUNNER_RELEASES and LAUNCH_DOCKER_APT, where the runner's archives and
# Docker's packages come from, for mirrors.
#
# A second run with the same options changes nothing. A run that was cut off is finished by the next one.
# Exit 0 when all is as it should be and was proved, 1 when something failed, 2 for wrong options.
#
# Generated from scripts/setup-runner/ by `npm run generate`.
set -euo pipefail

# Letters mean ASCII ones, files that are no secrets can be read, and no program comes from the caller's own folders.
export LC_ALL=C DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 022
# Where bash keeps the text of its here-documents: not on the disk.
unset TMPDIR
if [[ -d /dev/shm ]]; then TMPDIR=/dev/shm; fi

say() {
  printf '%s\n' "$*" >&2
}

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

usage_error() {
  printf 'error: %s\nRun %s --help for the options.\n' "$*" "$0" >&2
  exit 2
}

# The header comment of this script is its help text.
print_help() {
  awk 'NR == 1 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "${BASH_SOURCE[0]}"
}

# $1 what is changed, for people, then the command that does it. The only way in which anything is changed.
change() {
  if [[ $DRY_RUN == true ]]; then
    say "would: $1"
  else
    say "==> $1"
    # What is started, and outlives this script, does not hold its lock.
    "${@:2}" 9<&-
  fi
}

# What is fixed, and what the environment gives.

# Only for the one request or program that needs it: nothing else that is started gets a token.
API_TOKEN=${GITHUB_TOKEN:-${GH_TOKEN:-}}
GIVEN_TOKEN=${RUNNER_TOKEN:-}
unset GITHUB_TOKEN GH_TOKEN RUNNER_TOKEN

# The SHA-256 of each archive, as GitHub publishes them with the release.
readonly PINNED_VERSION=2.336.0
readonly MINIMUM_VERSION=2.327.1
readonly PINNED_SHA256_X64=04cf0be1aff4c3ec3554466c39124ca250e3effd8873bb7e8d68535aa9505d5d
readonly PINNED_SHA256_ARM64=58b758e420b87093fbd4bfddd368074960053e2f1388f01848c82624b90f27d1
readonly RELEASES=${LAUNCH_RUNNER_RELEASES:-https://github.com/actions/runner/releases/download}

# Docker's own packages, and the key that signs them.
readonly DOCKER_APT=${LAUNCH_DOCKER_APT:-https://download.docker.com/linux}
readonly DOCKER_KEY=9DC858229FC7DD38854AE2D88D81803C0EBFCD88
readonly COMPOSE_MINIMUM=2.20

readonly CONFIG_DIR=/etc/launch
readonly RECORD=$CONFIG_DIR/runner-record
readonly POLICY=$CONFIG_DIR/runner-policy
readonly ARGUMENTS=$CONFIG_DIR/runner-arguments
readonly CREDENTIAL=$CONFIG_DIR/runner-credential
readonly LIB_DIR=/usr/local/lib/launch
readonly HOOK=$LIB_DIR/job-started.sh
readonly REGISTER=$LIB_DIR/register-runner.sh
readonly RUNNER_DIR=/opt/launch-runner
readonly INSTANCE=$RUNNER_DIR/instance
readonly HOME_DIR=/var/lib/launch-runner
readonly STATE_DIR=/var/lib/launch
readonly STATE_GROUP=launch
readonly UNIT_DIR=/etc/systemd/system
readonly UNIT=launch-runner.service
readonly RECOVER_UNIT=launch-recover.service
readonly DOCKER_SOURCE=/etc/apt/sources.list.d/launch-docker.sources
readonly DOCKER_KEYRING=/etc/apt/keyrings/launch-docker.asc

# What the options say, each checked before anything is done.

REPOSITORY='' ORGANISATION='' LABELS='' NAME='' GROUP='' SERVER=https://github.com
VERSION='' SHA256='' RUNNER_USER=launch-runner
EPHEMERAL=false WITH_DOCKER=true DRY_RUN=false REMOVE=false PURGE=false LOCAL_ONLY=false
ALLOWED_REPOSITORIES=() ALLOWED_REFS=()

readonly OWNER_SHAPE='[A-Za-z0-9][A-Za-z0-9-]*'
readonly REPOSITORY_SHAPE="^$OWNER_SHAPE/[A-Za-z0-9._-]+\$"

parse_options() {
  while (($#)); do
    # --option=value is --option value.
    if [[ $1 == --?*=* ]]; then set -- "${1%%=*}" "${1#*=}" "${@:2}"; fi
    case $1 in
      --repository | --organisation | --labels | --name | --group | --url | --version | --sha256 | --user | \
        --allow-repository | --allow-ref)
        if (($# < 2)) || [[ -z $2 || $2 == --* ]]; then usage_error "$1 needs a value"; fi
        take_value "$1" "$2"
        shift
        ;;
      --ephemeral) EPHEMERAL=true ;;
      --no-docker) WITH_DOCKER=false ;;
      --dry-run) DRY_RUN=true ;;
      --remove) REMOVE=true ;;
      --purge) PURGE=true ;;
      --local-only) LOCAL_ONLY=true ;;
      -h | --help)
        print_help
        exit 0
        ;;
      *token*) usage_error 'a token is no option: put it into the environment as RUNNER_TOKEN, or give it on standard input' ;;
      *) usage_error "unknown option $(printf '%.60q' "$1")" ;;
    esac
    shift
  done
}

take_value() {
  case $1 in
    --repository) REPOSITORY=$2 ;;
    --organisation) ORGANISATION=$2 ;;
    --labels) LABELS=$2 ;;
    --name) NAME=$2 ;;
    --group) GROUP=$2 ;;
    --url) SERVER=${2%/} ;;
    --version) VERSION=${2#v} ;;
    --sha256) SHA256=${2,,} ;;
    --user) RUNNER_USER=$2 ;;
    --allow-repository) ALLOWED_REPOSITORIES+=("$2") ;;
    --allow-ref) ALLOWED_REFS+=("$2") ;;
  esac
}

# $1 the option, $2 its value, $3 what it has to match, $4 the same for people.
check_shape() {
  [[ $2 =~ $3 && ${#2} -le 1000 ]] || usage_error "$1 is $4, not $(printf '%.60q' "$2")"
}

check_options() {
  check_shape --user "$RUNNER_USER" '^[a-z_][a-z0-9_-]{0,30}$' 'the name of a user'
  [[ $RUNNER_USER != root ]] || usage_error '--user can not be root'
  if [[ $REMOVE == true ]]; then return; fi
  [[ $PURGE == false && $LOCAL_ONLY == false ]] || usage_error '--purge and --local-only go with --remove'

  if [[ -n $REPOSITORY ]]; then
    [[ -z $ORGANISATION ]] || usage_error 'give --repository or --organisation, not both'
    [[ -z $GROUP ]] || usage_error '--group goes with --organisation'
    check_shape --repository "$REPOSITORY" "$REPOSITORY_SHAPE" 'OWNER/NAME'
    ((${#ALLOWED_REPOSITORIES[@]})) || ALLOWED_REPOSITORIES=("$REPOSITORY")
    SCOPE=repos/$REPOSITORY
  elif [[ -n $ORGANISATION ]]; then
    check_shape --organisation "$ORGANISATION" "^$OWNER_SHAPE\$" 'the name of an organisation'
    ((${#ALLOWED_REPOSITORIES[@]})) ||
      usage_error 'a runner of an organisation needs --allow-repository: which repositories may deploy to this machine?'
    SCOPE=orgs/$ORGANISATION
  else
    usage_error 'which repository is the runner for? Give --repository OWNER/NAME'
  fi
  ((${#ALLOWED_REFS[@]})) || ALLOWED_REFS=(refs/heads/main)

  [[ -n $LABELS ]] || usage_error 'which labels? Give --labels, as in runs-on of the target in launch.yml'
  check_shape --labels "$LABELS" '^[A-Za-z0-9][A-Za-z0-9._-]*(,[A-Za-z0-9][A-Za-z0-9._-]*)*$' 'a list of labels with commas'
  [[ -n $NAME ]] || NAME=$(uname -n)
  check_shape --name "$NAME" '^[A-Za-z0-9._-]{1,64}$' 'a name of up to 64 letters, digits, dots, dashes and underscores'
  [[ -z $GROUP ]] || check_shape --group "$GROUP" '^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$' 'the name of a runner group'
  check_shape --url "$SERVER" '^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$' 'an address as https://github.example.org'

  local allowed
  for allowed in "${ALLOWED_REPOSITORIES[@]}"; do
    [[ $allowed =~ ^$OWNER_SHAPE/\*$ ]] || check_shape --allow-repository "$allowed" "$REPOSITORY_SHAPE" 'OWNER/NAME or OWNER/*'
  done
  for allowed in "${ALLOWED_REFS[@]}"; do
    check_shape --allow-ref "$allowed" '^refs/(heads|tags)/[A-Za-z0-9._/@+*?-]+$' 'a whole ref such as refs/heads/main, with * and ? as wildcards'
  done
  check_version
}

check_version() {
  if [[ -z $VERSION && -z $SHA256 ]]; then return; fi
  [[ -n $VERSION && -n $SHA256 ]] ||
    usage_error '--version and --sha256 go together: the checksum of the archive is in the notes of its release'
  check_shape --version "$VERSION" '^[0-9]{1,4}\.[0-9]{1,5}\.[0-9]{1,5}$' 'a version such as 2.336.0'
  # Launch's actions take this one, and of much older ones a workflow's `defaults:` keep the gate from running.
  at_least "$VERSION" "$MINIMUM_VERSION" || usage_error "--version is $MINIMUM_VERSION or later, not $VERSION"
  check_shape --sha256 "$SHA256" '^[0-9a-f]{64}$' 'a SHA-256 of 64 hexadecimal digits'
}

# Sets ID, VERSION_ID and CODENAME of this system, and ARCHITECTURE in both ways of writing it.
check_system() {
  ((EUID == 0)) || die "setting up a runner is root's: sudo $0 ..."
  OS=$(os_field ID) OS_VERSION=$(os_field VERSION_ID) CODENAME=$(os_field VERSION_CODENAME)
  case $OS-$OS_VERSION in
    debian-12) RUNTIME_PACKAGES=(libicu72 libssl3) ;;
    debian-13) RUNTIME_PACKAGES=(libicu76 libssl3t64) ;;
    ubuntu-22.04) RUNTIME_PACKAGES=(libicu70 libssl3) ;;
    ubuntu-24.04) RUNTIME_PACKAGES=(libicu74 libssl3t64) ;;
    *) die "this is ${OS:-an unknown system} $OS_VERSION; the script knows Debian 12 and 13, Ubuntu 22.04 and 24.04" ;;
  esac
  case $(uname -m) in
    x86_64) ARCHITECTURE=x64 DEB_ARCHITECTURE=amd64 PINNED_SHA256=$PINNED_SHA256_X64 ;;
    aarch64) ARCHITECTURE=arm64 DEB_ARCHITECTURE=arm64 PINNED_SHA256=$PINNED_SHA256_ARM64 ;;
    *) die "this machine is $(uname -m); the runner is for x86_64 and aarch64" ;;
  esac
  [[ -d /run/systemd/system ]] || die 'systemd does not run here; in a container start a whole system (see docs/runners.md)'
  if [[ -z $VERSION ]]; then VERSION=$PINNED_VERSION SHA256=$PINNED_SHA256; fi
}

os_field() {
  sed -n "s/^$1=\"\{0,1\}\([A-Za-z0-9._-]*\)\"\{0,1\}\$/\1/p" /etc/os-release 2>/dev/null | head -n 1
}

# Two runs at once would register two runners. The lock is on a folder that is there in any case.
take_lock() {
  exec 9</opt || die 'there is no folder /opt'
  flock --nonblock 9 || die 'another run of this script is under way'
}

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

# $1 the kind, then what of it. The file's own folder is the first thing that is made.
record() {
  [[ $DRY_RUN == false ]] || return 0
  local kind=$1 what lines=()
  for what in "${@:2}"; do
    recorded "$kind" "$what" || lines+=("$kind=$what")
  done
  ((${#lines[@]})) || return 0
  if [[ ! -e $RECORD ]]; then
    local made=()
    [[ -d $CONFIG_DIR ]] || made=("folder=$CONFIG_DIR")
    mkdir -p "$CONFIG_DIR"
    printf '%s\n' "$RECORD_TITLE" "${made[@]}" | replace "$RECORD" 644 root:root
  fi
  { cat "$RECORD" && printf '%s\n' "${lines[@]}"; } | replace "$RECORD" 644 root:root
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
  # What else a power loss leaves empty is written again by the next run; this can't be.
  [[ $path != "$RECORD" ]] || sync -- "$new"
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

# What has to be installed. Docker is left as it is where it is new enough.

readonly DOCKER_PACKAGES=(docker-ce docker-ce-cli containerd.io docker-buildx-plugin docker-compose-plugin)
readonly DOCKER_FOLDERS=(/var/lib/docker /var/lib/containerd /etc/docker)

installed() {
  [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Installs those that are lacking. $1 why, then the packages.
ensure_packages() {
  local why=$1 package lacking=()
  for package in "${@:2}"; do
    installed "$package" || lacking+=("$package")
  done
  ((${#lacking[@]})) || return 0
  change "install ${lacking[*]} ($why)" install_packages "${lacking[@]}"
}

# With what they bring along, so that --remove can take away the same.
install_packages() {
  local line along=()
  # Some other source of this machine may be broken.
  (apt_get update -q >&2) || say 'The lists of packages could not be brought up to date; going on with those that are here.'
  while read -r line; do
    [[ ! $line =~ ^Inst\ ([a-z0-9][a-z0-9.+-]*)(:[a-z0-9]+)?\ \( ]] || along+=("${BASH_REMATCH[1]}")
  done < <(apt_get install --simulate --no-install-recommends "$@")
  record package "${along[@]}"
  apt_get install -y -q --no-install-recommends "$@" >&2
}

# Another apt at work, at the first boot for example, is waited for.
apt_get() {
  apt-get -o DPkg::Lock::Timeout=300 "$@" </dev/null ||
    die "apt-get $1 failed, its own words are above; this script can be run again"
}

ensure_prerequisites() {
  ensure_packages 'the runner needs them' \
    ca-certificates curl git jq tar gzip util-linux libkrb5-3 zlib1g "${RUNTIME_PACKAGES[@]}"
}

compose_version() {
  docker compose version --short 2>/dev/null | sed -n 's/^v\{0,1\}\([0-9][0-9.]*\).*/\1/p'
}

# Whether $1 is $2 or later.
at_least() {
  [[ -n $1 && $(printf '%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]
}

has_engine() {
  command -v dockerd >/dev/null || docker version >/dev/null 2>&1
}

ensure_docker() {
  if has_engine && at_least "$(compose_version)" "$COMPOSE_MINIMUM"; then
    return
  fi
  if [[ $WITH_DOCKER == false ]]; then
    [[ $DRY_RUN == true ]] || die "there is no Docker Engine with compose $COMPOSE_MINIMUM or later, and --no-docker says to install none"
    say "would: stop here, as there is no Docker Engine with compose $COMPOSE_MINIMUM or later"
  elif has_engine; then
    ensure_compose
  else
    has_docker_source || ensure_docker_source
    record_docker
    ensure_packages 'Docker Engine with compose' "${DOCKER_PACKAGES[@]}"
  fi
}

# What its packages and its engine will make. An administrator may have made some of it before.
record_docker() {
  local folder
  for folder in "${DOCKER_FOLDERS[@]}"; do
    [[ -e $folder ]] || record docker "$folder"
  done
  has_group docker || record group docker
}

# An engine that is here has containers: it is not replaced by another.
ensure_compose() {
  local package
  if installed docker-ce; then
    package=docker-compose-plugin
  elif installed docker.io && [[ $OS == ubuntu ]]; then
    package=docker-compose-v2
  elif installed docker.io && [[ $OS-$OS_VERSION == debian-13 ]]; then
    package=docker-compose
  else
    die "Docker Engine is here, without compose $COMPOSE_MINIMUM or later. This system has no package for it that goes with this engine: install the compose plugin by hand, see docs.docker.com/compose/install/linux, and run this script again."
  fi
  ensure_packages 'docker compose' "$package"
}

# One that somebody else has set up: apt refuses a second one with another key file.
has_docker_source() {
  grep -rqsF --exclude="${DOCKER_SOURCE##*/}" "$DOCKER_APT/$OS" /etc/apt/sources.list /etc/apt/sources.list.d
}

ensure_docker_source() {
  ensure_packages "to check the key of Docker's packages" gpg ca-certificates curl
  if [[ $DRY_RUN == true ]]; then
    say "would: fetch $DOCKER_APT/$OS/gpg, and go on only when it is the key $DOCKER_KEY"
    say "would: write $DOCKER_SOURCE"
    return
  fi
  ensure_folder /etc/apt/keyrings 755 root:root
  local key
  if [[ ! -s $DOCKER_KEYRING ]]; then
    key=$(curl --fail --silent --show-error --location --max-time 60 "$DOCKER_APT/$OS/gpg") ||
      die "the key of Docker's packages could not be fetched from $DOCKER_APT. Install Docker by hand, and run this script again with --no-docker."
    check_docker_key "$key"
    ensure_file "$DOCKER_KEYRING" 644 root:root "$key"
  fi
  ensure_file "$DOCKER_SOURCE" 644 root:root "Types: deb
URIs: $DOCKER_APT/$OS
Suites: $CODENAME
Components: stable
Architectures: $DEB_ARCHITECTURE
Signed-By: $DOCKER_KEYRING"
}

# The file holds this one key, and nothing else that apt would trust as well.
check_docker_key() {
  local found
  found=$(GNUPGHOME=/nonexistent gpg --no-options --batch --no-default-keyring --show-keys --with-colons 2>/dev/null <<<"$1" |
    awk -F: '$1 == "pub" { primary = 1 } $1 == "fpr" && primary { print $10; primary = 0 }') || true
  [[ $found == "$DOCKER_KEY" ]] ||
    die "what $DOCKER_APT/$OS/gpg gives is not Docker's key: its fingerprint is ${found:-none}, not $DOCKER_KEY. Nothing was installed from there."
}

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

# What is asked of GitHub. Tokens go to curl by a pipe and to config.sh by its environment, never as arguments.

check_tokens() {
  local token
  for token in "$API_TOKEN" "$GIVEN_TOKEN"; do
    # Lengths apart: bash takes 100 MB for a pattern with such a bound.
    [[ $token =~ ^[A-Za-z0-9_.=-]*$ && ${#token} -le 4096 ]] || die 'a token has characters that no token of GitHub has; was it pasted whole?'
  done
}

api_base() {
  if [[ -n ${GITHUB_API_URL:-} ]]; then
    printf '%s' "${GITHUB_API_URL%/}"
  elif [[ $SERVER == https://github.com ]]; then
    printf 'https://api.github.com'
  else
    printf '%s/api/v3' "$SERVER"
  fi
}

# $1 the method, $2 the path. Sets API_STATUS (000 when nobody answered) and API_BODY.
api() {
  local answer
  answer=$(curl --silent --show-error --max-time 30 --request "$1" --header 'accept: application/vnd.github+json' \
    --header 'x-github-api-version: 2022-11-28' --config <(printf 'header = "authorization: Bearer %s"\n' "$API_TOKEN") \
    --write-out '\n%{http_code}' "$(api_base)/$2" 2>/dev/null) || answer=$'\n000'
  API_STATUS=${answer##*$'\n'} API_BODY=${answer%$'\n'*}
}

# Ends with what GitHub said, without anything of a token.
api_failed() {
  local said
  said=$(jq -r '.message // empty' <<<"$API_BODY" 2>/dev/null | tr -dc 'A-Za-z0-9 .,:/_-' | cut -c 1-200) || said=
  case $API_STATUS in
    000) die "$(api_base) does not answer: can this machine reach it on port 443?" ;;
    401) die "GitHub does not know the token: $1. It may have expired." ;;
    403 | 404) die "GitHub refused: $1 (HTTP $API_STATUS${said:+, $said}). The token needs write access to \"Administration\" of the repository, or to \"Self-hosted runners\" of the organisation, and $SCOPE has to exist." ;;
    *) die "GitHub failed: $1 (HTTP $API_STATUS${said:+, $said}). Try again later." ;;
  esac
}

# $1 registration or remove. Sets RUNNER_TOKEN_VALUE.
get_runner_token() {
  if [[ -z $GIVEN_TOKEN && -n $API_TOKEN ]]; then
    api POST "$SCOPE/actions/runners/$1-token"
    [[ $API_STATUS == 201 ]] || api_failed "a $1 token for $SCOPE"
    RUNNER_TOKEN_VALUE=$(jq -er '.token | strings' <<<"$API_BODY") || die "GitHub's answer holds no $1 token"
    return
  fi
  if [[ -z $GIVEN_TOKEN ]]; then
    [[ ! -t 0 ]] || printf 'Token for the %s of the runner (it is not shown): ' "$1" >&2
    IFS= read -r -s -t 300 GIVEN_TOKEN || true
    [[ ! -t 0 ]] || printf '\n' >&2
    GIVEN_TOKEN=${GIVEN_TOKEN//[[:space:]]/}
    check_tokens
  fi
  [[ -n $GIVEN_TOKEN ]] ||
    die "this takes a $1 token: set RUNNER_TOKEN, or GITHUB_TOKEN to have it asked for, or give it on standard input"
  RUNNER_TOKEN_VALUE=$GIVEN_TOKEN
}

# Sets FOUND to the runner of this name as JSON, or to nothing.
find_runner() {
  local page
  FOUND=
  for page in 1 2 3 4 5 6 7 8 9 10; do
    api GET "$SCOPE/actions/runners?per_page=100&page=$page"
    [[ $API_STATUS == 200 ]] || return 1
    FOUND=$(jq -c --arg name "$1" 'first(.runners[] | select(.name == $name)) // empty' <<<"$API_BODY") || return 1
    [[ -z $FOUND ]] || return 0
    (($(jq '.runners | length' <<<"$API_BODY") == 100)) || return 0
  done
}

# Takes a runner off GitHub's list. $1 its name.
delete_runner() {
  local id
  find_runner "$1" || api_failed "the list of runners of $SCOPE"
  [[ -n $FOUND ]] || return 0
  id=$(jq -er '.id | numbers' <<<"$FOUND") || die "GitHub's list of runners has one without a number"
  api DELETE "$SCOPE/actions/runners/$id"
  [[ $API_STATUS == 204 || $API_STATUS == 404 ]] || api_failed "taking the runner $1 off its list"
}

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

# The services: the runner's, and the one that finishes cut-off deployments after a start of the machine.

# Only this changes when the service has to be started again: its registration, its user's groups, its gate.
service_settings() {
  local folder
  folder=$(release_folder)
  {
    cat "$ARGUMENTS" "$folder/.launch-sha256" "$HOOK" 2>/dev/null || true
    if [[ $EPHEMERAL == false ]]; then cat "$folder/.runner" "$folder/.env" 2>/dev/null || true; fi
    id -G "$RUNNER_USER" 2>/dev/null || true
  } | sha256sum | cut -c 1-16
}

runner_unit() {
  local folder=$INSTANCE prepare=''
  if [[ $EPHEMERAL == true ]]; then
    prepare="
ExecStartPre=+$REGISTER $(release_folder) $RUNNER_USER $(api_base) $SCOPE"
  else
    folder=$(release_folder)
  fi
  cat <<UNIT
# Made by setup-runner.sh.
[Unit]
Description=GitHub Actions runner of Launch
After=network-online.target docker.service
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
User=$RUNNER_USER
WorkingDirectory=$HOME_DIR
Environment=HOME=$HOME_DIR LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
Environment=ACTIONS_RUNNER_HOOK_JOB_STARTED=$HOOK
Environment=LAUNCH_RUNNER_SETTINGS=$(service_settings)$prepare
ExecStart=$folder/bin/Runner.Listener run --startuptype service
Restart=always
RestartSec=15
# A deployment's guardian outlives its job; a job that runs gets time to end.
KillMode=process
TimeoutStopSec=5min
OOMPolicy=continue
# What a job starts by Docker is not held by any of this. /tmp is the machine's: jobs mount files of it into containers.
NoNewPrivileges=yes
ProtectSystem=full
ProtectControlGroups=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes

[Install]
WantedBy=multi-user.target
UNIT
}

recover_unit() {
  cat <<UNIT
# Made by setup-runner.sh.
[Unit]
Description=Bring deployments that were cut off to an end
After=docker.service
Wants=docker.service

[Service]
Type=oneshot
User=$RUNNER_USER
Environment=HOME=$HOME_DIR PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ExecStart=$1 recover

[Install]
WantedBy=multi-user.target
UNIT
}

ensure_services() {
  local launch
  ensure_unit "$UNIT" "$(runner_unit)"
  launch=$(command -v launch) || launch=
  if [[ -n $launch ]]; then ensure_unit "$RECOVER_UNIT" "$(recover_unit "$launch")"; fi
  ensure_enabled docker.service
  ensure_started docker.service
  ensure_enabled "$UNIT"
  if [[ -n $launch ]]; then ensure_enabled "$RECOVER_UNIT"; fi
  if ! systemctl is-active --quiet "$UNIT"; then
    change "start $UNIT" systemctl start "$UNIT"
  elif [[ $(running_settings) != "$(service_settings)" ]]; then
    change "start $UNIT again, with what has changed" restart_runner
  fi
  drop_old_releases
}

# $1 the unit, $2 its text.
ensure_unit() {
  ensure_file "$UNIT_DIR/$1" 644 root:root "$2"
  if [[ $(systemctl show --property=NeedDaemonReload --value "$1" 2>/dev/null) == yes ]] ||
    [[ $(systemctl show --property=LoadState --value "$1" 2>/dev/null) == not-found ]]; then
    change 'have systemd read its units again' systemctl daemon-reload
  fi
}

ensure_enabled() {
  systemctl is-enabled --quiet "$1" 2>/dev/null || change "enable $1, so that it starts with the machine" systemctl enable --quiet "$1"
}

ensure_started() {
  systemctl is-active --quiet "$1" || change "start $1" systemctl start "$1"
}

running_pid() {
  local pid
  pid=$(systemctl show --property=MainPID --value "$UNIT" 2>/dev/null) || pid=
  [[ ! $pid =~ ^[1-9][0-9]*$ ]] || printf '%s' "$pid"
}

# What the service was started with, by its own environment.
running_settings() {
  local pid
  pid=$(running_pid)
  [[ -z $pid ]] || tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | sed -n 's/^LAUNCH_RUNNER_SETTINGS=//p' || true
}

restart_runner() {
  wait_until_idle
  systemctl restart "$UNIT"
}

# A deployment that runs is not cut off.
wait_until_idle() {
  local tries
  job_runs || return 0
  say 'A job runs on this runner; waiting for its end, for up to 30 minutes.'
  for ((tries = 0; tries < 1800; tries++)); do
    sleep 1
    job_runs || return 0
  done
  die 'a job still runs on this runner; run this script again later'
}

job_runs() {
  local file name pid
  pid=$(running_pid)
  [[ -n $pid ]] || return 1
  for file in /proc/[0-9]*/comm; do
    { IFS= read -r name <"$file"; } 2>/dev/null || continue
    if [[ $name == Runner.Worker && $(awk '/^PPid:/ { print $2 }' "${file%comm}status" 2>/dev/null) == "$pid" ]]; then return 0; fi
  done
  return 1
}

# The end: what was set up is tried out, as the runner's user where that matters.

FAILED_PROOFS=0

proved() {
  say "ok      $1"
}

not_proved() {
  FAILED_PROOFS=$((FAILED_PROOFS + 1))
  say "FAILED  $1"
}

as_runner() {
  setpriv --reuid "$RUNNER_USER" --regid "$RUNNER_USER" --init-groups -- \
    env -i HOME="$HOME_DIR" PATH="$PATH" LC_ALL=C "$@" </dev/null
}

prove() {
  say
  prove_service
  prove_docker
  prove_state
  prove_gate
  prove_online
  ((FAILED_PROOFS == 0)) || die "$FAILED_PROOFS of these failed; mend it and run this script again"
}

prove_service() {
  local pid
  if systemctl is-enabled --quiet "$UNIT"; then
    proved "$UNIT starts with the machine"
  else
    not_proved "$UNIT does not start with the machine: systemctl enable $UNIT"
  fi
  pid=$(running_pid)
  if systemctl is-active --quiet "$UNIT" && [[ -n $pid ]] && [[ $(stat -c %U "/proc/$pid") == "$RUNNER_USER" ]]; then
    proved "$UNIT runs as $RUNNER_USER"
  else
    not_proved "$UNIT does not run; see: journalctl --unit=$UNIT --lines=50"
  fi
}

prove_docker() {
  if as_runner docker ps --quiet >/dev/null 2>&1; then
    proved "$RUNNER_USER can use Docker (docker ps)"
  else
    not_proved "$RUNNER_USER can not use Docker; see: systemctl status docker"
  fi
  if at_least "$(compose_version)" "$COMPOSE_MINIMUM"; then
    proved "docker compose is $(compose_version)"
  else
    not_proved "docker compose is older than $COMPOSE_MINIMUM, or not there"
  fi
}

prove_state() {
  if as_runner test -w "$STATE_DIR" -a -x "$STATE_DIR"; then
    proved "$RUNNER_USER can write to $STATE_DIR"
  else
    not_proved "$RUNNER_USER can not write to $STATE_DIR"
  fi
}

# The gate as it is installed, with a made-up job of a pull request and with one that it has to take.
prove_gate() {
  local said repository=${ALLOWED_REPOSITORIES[0]//\*/example} ref=${ALLOWED_REFS[0]//[*?]/x} file loose=''
  if said=$(try_gate pull_request refs/pull/1/merge '{"pull_request": {}}'); then
    not_proved "the gate $HOOK takes jobs of pull requests"
  elif [[ $said == '::error '*'not of pull_request'* ]]; then
    proved 'the gate refuses a job of a pull request'
  else
    not_proved "the gate $HOOK fails: ${said:-it says nothing}"
  fi
  if said=$(try_gate push "$ref" "{\"ref\": \"$ref\", \"repository\": {\"full_name\": \"$repository\"}}"); then
    proved "the gate takes a push to $ref of $repository"
  else
    not_proved "the gate refuses a push to $ref of $repository: $said"
  fi
  for file in "$HOOK" "$POLICY" "$UNIT_DIR/$UNIT"; do
    [[ $(stat -c %u "$file") == 0 && $((8#$(stat -c %a "$file") & 8#022)) == 0 ]] || loose=$file
    if as_runner test -w "$file" -o -w "${file%/*}"; then loose=$file; fi
  done
  if ! uses_gate; then
    not_proved "the runner does not use the gate: its environment lacks ACTIONS_RUNNER_HOOK_JOB_STARTED=$HOOK"
  elif [[ -n $loose ]]; then
    not_proved "$loose can be changed by others than root"
  else
    proved 'the runner uses the gate, and its user can not change it'
  fi
}

uses_gate() {
  local pid
  pid=$(running_pid)
  [[ -n $pid ]] && tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | grep -qxF "ACTIONS_RUNNER_HOOK_JOB_STARTED=$HOOK" &&
    grep -qxF "ACTIONS_RUNNER_HOOK_JOB_STARTED=$HOOK" "$(release_folder)/.env"
}

# $1 the event, $2 the ref, $3 the event's JSON.
try_gate() {
  setpriv --reuid "$RUNNER_USER" --regid "$RUNNER_USER" --init-groups -- \
    env -i PATH="$PATH" GITHUB_EVENT_NAME="$1" GITHUB_REPOSITORY="${ALLOWED_REPOSITORIES[0]//\*/example}" GITHUB_REF="$2" \
    bash -e "$HOOK" --check <<<"$3" 2>&1
}

prove_online() {
  local tries missing
  if [[ -z $API_TOKEN ]]; then
    say "?       whether GitHub sees the runner online could not be asked: that takes GITHUB_TOKEN. Look at $(runners_page)"
    return
  fi
  for ((tries = 0; tries < 30; tries++)); do
    if ! find_runner "$NAME"; then
      say "?       whether GitHub sees the runner online could not be asked (HTTP $API_STATUS). Look at $(runners_page)"
      return
    fi
    if [[ -n $FOUND && $(jq -r '.status' <<<"$FOUND") == online ]]; then
      missing=$(jq -r --arg wanted "$LABELS" '($wanted | ascii_downcase | split(",")) - [.labels[].name | ascii_downcase] | join(", ")' <<<"$FOUND")
      if [[ -z $missing ]]; then
        proved "GitHub sees the runner $NAME online, with the labels $(jq -r '[.labels[].name] | join(", ")' <<<"$FOUND")"
      else
        not_proved "GitHub sees the runner $NAME online, but without the labels $missing"
      fi
      return
    fi
    sleep 1
  done
  not_proved "GitHub does not see the runner $NAME online after 30 s; see: journalctl --unit=$UNIT --lines=50"
}

runners_page() {
  if [[ -n $REPOSITORY ]]; then
    printf '%s/%s/settings/actions/runners' "$SERVER" "$REPOSITORY"
  else
    printf '%s/organizations/%s/settings/actions/runners' "$SERVER" "$ORGANISATION"
  fi
}

print_hints() {
  cat >&2 <<HINTS

The firewall: the runner only connects out, to port 443 of GitHub; nothing has to reach it. This script changes no rules.
To let nothing in but SSH and what you publish:
  ufw default deny incoming && ufw allow OpenSSH && ufw enable
Ports that containers publish go past ufw: bind them to 127.0.0.1, or have a firewall before the machine.

In launch.yml this machine is: targets: { NAME: { runs-on: [self-hosted, ${LABELS//,/, }] } }
HINTS
  command -v launch >/dev/null ||
    say "After a power loss \`launch recover\` finishes what was cut off; there is no command launch here. Once there is, run this script again, and it starts with the machine."
}

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

job_started_hook() {
  cat <<'END_OF_JOB_STARTED_HOOK'
#!/bin/bash
# The gate before each job on this runner: it refuses all but push, workflow_dispatch and schedule of the repositories and
# refs in /etc/launch/runner-policy. GitHub's runner calls it (ACTIONS_RUNNER_HOOK_JOB_STARTED) before containers, services
# and steps of a job; a workflow can't change what it sees here, nor leave it out. Made by setup-runner.sh.
#
# Usage: job-started.sh           as the runner calls it
#        job-started.sh --check   says only what it would do: 0 take, 1 refuse; the event's JSON comes on standard input
#
# Whatever goes wrong here is a refusal. A refusal also ends the runner's worker: after a hook that has merely failed, the
# runner still runs steps with `if: always()` (github.com/actions/runner/issues/2811).
# The runner starts it with -e, by which a failed command would cut the refusal itself short.
set +e -uo pipefail
export LC_ALL=C

# A cancellation of the job, which whoever opened it can cause, comes as SIGINT and then SIGTERM: it cuts nothing short.
trap '' INT TERM

readonly POLICY=/etc/launch/runner-policy
CHECK=false
VERDICT=refused

# A name that comes from outside can hold no command for the runner, which reads them anywhere in a line.
clean() {
  local text=${1//[^A-Za-z0-9._\/@-]/?}
  printf '%s' "${text:0:120}"
}

refuse() {
  printf '::error title=Refused by this runner::%s\n' "$1"
  exit 1
}

# The runner's word for the end: every later step is skipped, also those with `if: always()`, and the log is kept whole.
# It then cancels this hook by SIGINT, by which is known that it has understood; else it is killed. That SIGINT does not
# come when the job was cancelled before, which looks the same and skips no such step. 10 s after a cancellation the runner
# kills this hook, so all of this takes less.
end_worker() {
  local worker=$PPID name='' tries
  { IFS= read -r name <"/proc/$worker/comm"; } 2>/dev/null
  # By hand, at a terminal, there is no job to end.
  [[ $name == Runner.Worker || -n ${RUNNER_TRACKING_ID:-} ]] || return 0
  # Until what was said above has been read.
  /usr/bin/sleep 1
  UNDERSTOOD=false
  trap 'UNDERSTOOD=true' INT
  kill -TERM "$worker"
  # Not one long wait: the signal may come before it begins.
  for ((tries = 0; tries < 30; tries++)); do
    if [[ $UNDERSTOOD == true ]]; then
      # A cancellation at this very moment: what was sent gets its time.
      /usr/bin/sleep 1
      return 0
    fi
    /usr/bin/sleep 0.2
  done
  kill -KILL "$worker"
}

at_end() {
  if [[ $VERDICT == taken ]]; then return; fi
  trap - EXIT
  [[ $CHECK == true ]] || end_worker
  exit 1
}
trap at_end EXIT

# Root's and nobody else's to write, whole, and in no other words than these.
read_policy() {
  local line rest newline=$'\n' text
  [[ -f $POLICY && ! -L $POLICY ]] || refuse "There is no $POLICY on this runner. Run setup-runner.sh again."
  case $(/usr/bin/stat -c '%u %a' "$POLICY") in
    '0 644' | '0 600' | '0 640' | '0 444') ;;
    *) refuse "$POLICY on this runner can be changed by others than root. Run setup-runner.sh again." ;;
  esac
  text=$(<"$POLICY") || refuse "$POLICY on this runner can not be read. Run setup-runner.sh again."
  REPOSITORIES=() REFS=()
  while IFS= read -r line; do
    rest=${line#* }
    case $line in
      '' | '#'*) ;;
      'repository '*)
        [[ $rest =~ ^[A-Za-z0-9-]+/([A-Za-z0-9._-]+|\*)$ ]] || broken_policy
        REPOSITORIES+=("${rest,,}")
        ;;
      'ref '*)
        [[ $rest =~ ^refs/(heads|tags)/[A-Za-z0-9._/@+*?-]+$ ]] || broken_policy
        REFS+=("$rest")
        ;;
      *) broken_policy ;;
    esac
  done <<<"$text$newline"
  ((${#REPOSITORIES[@]} && ${#REFS[@]})) || broken_policy
}

broken_policy() {
  refuse "$POLICY on this runner has a line that is neither a repository nor a ref, or lacks one of them. Run setup-runner.sh again."
}

# $1 a repository in small letters.
repository_allowed() {
  local allowed
  for allowed in "${REPOSITORIES[@]}"; do
    if [[ $allowed == */\* ]]; then
      [[ ${1%%/*} != "${allowed%/\*}" ]] || return 0
    else
      [[ $1 != "$allowed" ]] || return 0
    fi
  done
  return 1
}

ref_allowed() {
  local pattern
  for pattern in "${REFS[@]}"; do
    # shellcheck disable=SC2053 # a pattern is what it is
    [[ $1 != $pattern ]] || return 0
  done
  return 1
}

# What the event itself says has to be what the runner says of it.
read_event() {
  # shellcheck disable=SC2016 # jq expands it
  local program='if type != "object" then "broken"
    elif has("pull_request") or has("workflow_run") or has("comment") or has("issue") then "other"
    elif ($event != "schedule" or has("repository")) and ((.repository.full_name | ascii_downcase) != $repository) then "repository"
    elif $event == "schedule" then "agrees"
    elif .ref == $ref or "refs/heads/\(.ref)" == $ref or "refs/tags/\(.ref)" == $ref then "agrees"
    else "ref" end'
  /usr/bin/jq -r --arg event "$EVENT" --arg repository "${REPOSITORY,,}" --arg ref "$REF" "$program" 2>/dev/null
}

main() {
  local agreement
  case $# in
    0) ;;
    1)
      [[ $1 == --check ]] || refuse "The gate of this runner was started with an option that it does not know."
      CHECK=true
      ;;
    *) refuse "The gate of this runner was started with options that it does not know." ;;
  esac
  EVENT=${GITHUB_EVENT_NAME:-} REPOSITORY=${GITHUB_REPOSITORY:-} REF=${GITHUB_REF:-}
  read_policy

  case $EVENT in
    push | workflow_dispatch | schedule) ;;
    '') refuse "The runner did not say which event the job is for (GITHUB_EVENT_NAME), so it is refused." ;;
    *) refuse "This machine deploys: it takes jobs of push, workflow_dispatch and schedule only, not of $(clean "$EVENT"). Use runs-on: ubuntu-latest for this job; nothing allows it here." ;;
  esac
  [[ $REPOSITORY =~ ^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$ ]] ||
    refuse "The runner did not say which repository the job is of (GITHUB_REPOSITORY), so it is refused."
  repository_allowed "${REPOSITORY,,}" ||
    refuse "This machine takes no jobs of $(clean "$REPOSITORY"). To allow it, run setup-runner.sh on the machine again with --allow-repository $(clean "$REPOSITORY")."
  [[ $REF =~ ^refs/(heads|tags)/[^[:cntrl:][:space:]]+$ ]] ||
    refuse "The job is for no branch and no tag (GITHUB_REF is $(clean "${REF:-empty}")), so it is refused."
  ref_allowed "$REF" ||
    refuse "This machine takes no jobs for $(clean "$REF"). To allow it, run setup-runner.sh on the machine again with --allow-ref $(clean "$REF")."
  [[ -z ${GITHUB_HEAD_REF:-} ]] || refuse "The job has the branch of a pull request (GITHUB_HEAD_REF), so it is refused."

  if [[ $CHECK == true ]]; then
    agreement=$(read_event) || agreement=broken
  else
    [[ -r ${GITHUB_EVENT_PATH:-} ]] || refuse "The event of the job can not be read (GITHUB_EVENT_PATH), so it is refused."
    agreement=$(read_event <"$GITHUB_EVENT_PATH") || agreement=broken
  fi
  case $agreement in
    agrees) ;;
    other) refuse "The event of the job is not the $EVENT that it is said to be, so it is refused." ;;
    repository) refuse "The event of the job names another repository than $(clean "$REPOSITORY"), so it is refused." ;;
    ref) refuse "The event of the job names another ref than $(clean "$REF"), so it is refused." ;;
    *) refuse "The event of the job is no JSON that can be understood, so it is refused." ;;
  esac
  VERDICT=taken
  printf 'Allowed on this machine: %s of %s for %s\n' "$EVENT" "$(clean "$REPOSITORY")" "$(clean "$REF")"
}

main "$@"
END_OF_JOB_STARTED_HOOK
}

register_script() {
  cat <<'END_OF_REGISTER_SCRIPT'
#!/bin/bash
# Before each start of the runner's service with --ephemeral, as root: a fresh folder, and a registration for one job.
# Made by setup-runner.sh.
#
# Usage: register-runner.sh RELEASE_FOLDER USER API_URL SCOPE
set -euo pipefail
export LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 077

release=$1 user=$2 api=$3 scope=$4
instance=/opt/launch-runner/instance

# Files are linked where that works: they are root's, and the runner's user can write to none of them.
rm -rf -- "$instance"
cp -al -- "$release" "$instance" 2>/dev/null || {
  rm -rf -- "$instance"
  cp -a -- "$release" "$instance"
}
rm -f -- "$instance"/{.env,.runner,.runner_migrated,.credentials,.credentials_migrated,.credentials_rsaparams}
cp -- "$release/.env" "$instance/.env"
chmod 644 "$instance/.env"

token=$(curl --silent --show-error --fail --max-time 30 --request POST --header 'accept: application/vnd.github+json' \
  --header 'x-github-api-version: 2022-11-28' \
  --config <(printf 'header = "authorization: Bearer %s"\n' "$(</etc/launch/runner-credential)") \
  "$api/$scope/actions/runners/registration-token" | jq -er '.token | strings') || {
  echo 'GitHub gave no registration token: is the one in /etc/launch/runner-credential still good?' >&2
  exit 1
}
mapfile -t arguments </etc/launch/runner-arguments
(cd "$instance" && RUNNER_ALLOW_RUNASROOT=1 ACTIONS_RUNNER_INPUT_TOKEN=$token ./config.sh "${arguments[@]}" </dev/null)

# The runner deletes its registration after its job, so the folder is its own; what is below it stays root's.
chown "$user:$user" "$instance" "$instance"/.runner "$instance"/.credentials*
chown -R "$user:$user" "$instance/_diag"
cp -- "$release/.env" "$instance/.env.new"
chmod 644 "$instance/.env.new"
mv -f -- "$instance/.env.new" "$instance/.env"
END_OF_REGISTER_SCRIPT
}

set_up() {
  ensure_prerequisites
  ensure_docker
  ensure_user
  ensure_folders
  ensure_gate
  ensure_release
  ensure_registration
  ensure_services
}

main() {
  parse_options "$@"
  check_options
  check_tokens
  check_system
  take_lock
  trap 'drop_new_release' EXIT
  if [[ $REMOVE == true ]]; then
    remove_all
    return
  fi
  set_up
  if [[ $DRY_RUN == true ]]; then
    say 'Nothing was changed.'
    return
  fi
  prove
  print_hints
}

main "$@"
