# shellcheck shell=bash disable=SC2034,SC2153,SC2154
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
