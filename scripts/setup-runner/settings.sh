# shellcheck shell=bash disable=SC2034,SC2153,SC2154
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
