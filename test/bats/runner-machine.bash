# shellcheck shell=bash disable=SC2119,SC2120
# A Debian for setup-runner.sh: a root of its own over this machine's /usr, in namespaces of its own, with stand-ins for
# apt, Docker, systemd and GitHub. Sourced after helper.bash.

MACHINE_PROGRAMS=$REPO/test/support/runner-machine
API_KEY=github-api-token-0123456789

# Root's namespaces; elsewhere a sudo that asks for no password does.
if ((EUID == 0)); then AS_ROOT=(); else AS_ROOT=(sudo -n); fi

require_machine() {
  "${AS_ROOT[@]}" unshare --mount --pid --fork true 2>/dev/null && return
  [[ ${CI:-} != true ]] || fail 'namespaces take root, or a sudo that asks for no password'
  skip 'namespaces take root, or a sudo that asks for no password'
}

# The archives that GitHub would have, once for a test file.
make_archives() {
  local version
  ARCHIVES=$BATS_FILE_TMPDIR/archives
  mkdir -p "$ARCHIVES"
  for version in 2.336.0 2.337.1; do
    rm -rf "$ARCHIVES/tree"
    cp -R "$MACHINE_PROGRAMS/archive" "$ARCHIVES/tree"
    echo "$version" >"$ARCHIVES/tree/bin/version"
    tar -C "$ARCHIVES/tree" --owner=1001 --group=121 --numeric-owner --mtime=@0 --sort=name -cz . \
      >"$ARCHIVES/actions-runner-linux-x64-$version.tar.gz"
    cp "$ARCHIVES/actions-runner-linux-x64-$version.tar.gz" "$ARCHIVES/actions-runner-linux-arm64-$version.tar.gz"
  done
  rm -rf "$ARCHIVES/tree"
}

sha_of() {
  sha256sum "$ARCHIVES/actions-runner-linux-x64-$1.tar.gz" | cut -d ' ' -f 1
}

start_github() {
  local tries
  node "$MACHINE_PROGRAMS/github.ts" --port-file "$BATS_TEST_TMPDIR/github-port" --archives "$ARCHIVES" --token "$API_KEY" \
    </dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/github.log" 3>&- &
  GITHUB=$!
  for ((tries = 0; tries < 200; tries++)); do
    [[ ! -s $BATS_TEST_TMPDIR/github-port ]] || break
    sleep 0.05
  done
  ORIGIN=http://127.0.0.1:$(cat "$BATS_TEST_TMPDIR/github-port") || fail "$(cat "$BATS_TEST_TMPDIR/github.log")"
  github_set '{"dockerKey": "DOCKER KEY\n"}'
}

github_state() {
  curl --silent --fail "$ORIGIN/fake/state" | jq -c "$1"
}

github_set() {
  curl --silent --fail --data "$1" "$ORIGIN/fake/set" >/dev/null
}

# $1 ID and $2 VERSION_ID of /etc/os-release.
make_machine() {
  local link folder
  ROOT_DIR=$BATS_TEST_TMPDIR/machine/root
  UPPER=$BATS_TEST_TMPDIR/machine/usr
  mkdir -p "$ROOT_DIR"/{usr,proc,dev,etc/{systemd/system/multi-user.target.wants,apt/sources.list.d,default},opt,root,run/systemd/system,tmp,var/{lib,log,mail,tmp}} \
    "$ROOT_DIR"/fixtures/{bin,packages,systemd/{loaded,enabled,pid}} "$UPPER"/local/{bin,sbin,lib} "$BATS_TEST_TMPDIR/machine/work"
  chmod 1777 "$ROOT_DIR/tmp" "$ROOT_DIR/var/tmp"
  chmod 777 "$ROOT_DIR/fixtures"
  for link in bin sbin lib lib64; do [[ ! -e /$link ]] || ln -s "usr/$link" "$ROOT_DIR/$link"; done
  mkdir "$ROOT_DIR/etc/alternatives"
  cp -P /etc/alternatives/awk "$ROOT_DIR/etc/alternatives/"
  cp /etc/login.defs "$ROOT_DIR/etc/"
  printf 'PRETTY_NAME="x"\nID=%s\nVERSION_ID="%s"\nVERSION_CODENAME=bookworm\n' "$1" "$2" >"$ROOT_DIR/etc/os-release"
  printf 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n' >"$ROOT_DIR/etc/passwd"
  printf 'root:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n' >"$ROOT_DIR/etc/shadow"
  printf 'root:x:0:\nsudo:x:27:\nnogroup:x:65534:\n' >"$ROOT_DIR/etc/group"
  printf 'root:*::\nsudo:*::\nnogroup:*::\n' >"$ROOT_DIR/etc/gshadow"
  printf 'x86_64\n' >"$ROOT_DIR/fixtures/machine"
  printf '2.40.0\n' >"$ROOT_DIR/fixtures/compose-version"
  printf '%s\n' "$ORIGIN" >"$ROOT_DIR/fixtures/origin"
  : >"$ROOT_DIR/fixtures/calls"
  for folder in ca-certificates curl git tar gzip util-linux zlib1g; do : >"$ROOT_DIR/fixtures/packages/$folder"; done
  cp "$MACHINE_PROGRAMS/programs/docker" "$ROOT_DIR/fixtures/bin/"
  cp "$MACHINE_PROGRAMS"/programs/{apt-get,systemctl,gpg,uname} "$UPPER/local/sbin/"
  ln -s apt-get "$UPPER/local/sbin/dpkg-query"
  ln -s apt-get "$UPPER/local/sbin/dpkg"
  sed "s/^\(readonly PINNED_SHA256_[A-Z0-9]*\)=.*/\1=$(sha_of 2.336.0)/" "$REPO/scripts/setup-runner.sh" >"$ROOT_DIR/root/setup-runner.sh"
  chmod 755 "$ROOT_DIR/root/setup-runner.sh"
  "${AS_ROOT[@]}" chown -R 0:0 "$ROOT_DIR" "$UPPER"
  boot
}

# Everything on it ends with its first process.
boot() {
  local mounts tries
  mounts="mount -t overlay overlay -o lowerdir=/usr,upperdir=$UPPER,workdir=$BATS_TEST_TMPDIR/machine/work $ROOT_DIR/usr
    mount -t proc proc $ROOT_DIR/proc; mount --rbind /dev $ROOT_DIR/dev
    for folder in bin sbin local/bin local/sbin; do rm -f $ROOT_DIR/usr/\$folder/docker $ROOT_DIR/usr/\$folder/dockerd $ROOT_DIR/usr/\$folder/launch; done"
  "${AS_ROOT[@]}" unshare --mount --propagation private --pid --fork --kill-child sh -ec "$mounts
    echo \$(cut -d ' ' -f 4 /proc/self/stat) >$BATS_TEST_TMPDIR/machine/up; while :; do sleep 1; done" \
    </dev/null >"$BATS_TEST_TMPDIR/machine/log" 2>&1 3>&- &
  HOLDER=$!
  for ((tries = 0; tries < 200; tries++)); do
    [[ ! -s $BATS_TEST_TMPDIR/machine/up ]] || break
    sleep 0.05
  done
  # sudo, where there is one, is the parent of unshare.
  INIT=$(pgrep -P "$HOLDER" | head -n 1)
  [[ ${#AS_ROOT[@]} == 0 ]] || INIT=$(pgrep -P "$INIT" | head -n 1)
  [[ -n $INIT && -s $BATS_TEST_TMPDIR/machine/up ]] || fail "$(cat "$BATS_TEST_TMPDIR/machine/log")"
}

shut_down() {
  [[ -z ${INIT:-} ]] || "${AS_ROOT[@]}" kill -KILL "$INIT" 2>/dev/null || true
  [[ -z ${HOLDER:-} ]] || wait "$HOLDER" 2>/dev/null || true
  [[ -z ${GITHUB:-} ]] || kill "$GITHUB" 2>/dev/null || true
  [[ -z ${ROOT_DIR:-} ]] || "${AS_ROOT[@]}" rm -rf -- "$BATS_TEST_TMPDIR/machine"
}

inside() {
  "${AS_ROOT[@]}" nsenter --target "$INIT" --mount --pid -- chroot "$ROOT_DIR" /usr/bin/env -i HOME=/root \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" 3>&-
}

SETUP_ENV=()
# Runs the script with the options of this test's runner, and with what SETUP_ENV adds to the environment.
set_up() {
  raw_set_up --repository acme/shop --labels homelab,docker "$@"
}

raw_set_up() {
  inside GITHUB_API_URL="$ORIGIN/api" LAUNCH_RUNNER_RELEASES="$ORIGIN/releases" LAUNCH_DOCKER_APT="$ORIGIN/docker" \
    "${SETUP_ENV[@]}" bash /root/setup-runner.sh "$@"
}

with_api() {
  SETUP_ENV=(GITHUB_TOKEN="$API_KEY")
}

# Everything on the machine's disk, a line each. $1 `times` for the times as well.
listing() {
  local format='%P %y %m %U:%G %l' path
  [[ ${1:-} != times ]] || format+=' %T@'
  for path in "$ROOT_DIR" "$UPPER"; do
    (
      cd "$path" || exit
      "${AS_ROOT[@]}" find . -path ./fixtures -prune -o -path ./proc -prune -o -path ./dev -prune -o -printf "$format\n"
      "${AS_ROOT[@]}" find . -path ./fixtures -prune -o -path ./proc -prune -o -path ./dev -prune -o -type f -print0 |
        "${AS_ROOT[@]}" xargs -0 sha256sum
    ) | sort
  done
}

# Without the copies that useradd and its like keep of the files before.
listing_without_copies() {
  listing | grep -v -E '^([0-9a-f]{64}  )?(\./)?etc/(passwd-|group-|shadow-|gshadow-|subuid-?|subgid-?|\.pwd\.lock)( |$)|^etc d '
}

# $1 the listing before, $2 the one after.
assert_same_listing() {
  local changes
  changes=$(diff <(printf '%s\n' "$1") <(printf '%s\n' "$2")) || fail 'the disk is not as it was:' "$changes"
}

file() {
  "${AS_ROOT[@]}" cat "$ROOT_DIR$1"
}

exists() {
  "${AS_ROOT[@]}" test -e "$ROOT_DIR$1"
}

write() {
  "${AS_ROOT[@]}" tee "$ROOT_DIR$1" >/dev/null
}

machine_calls() {
  cat "$ROOT_DIR/fixtures/calls"
}

# Nothing that the stand-ins do not know was asked of them.
assert_nothing_refused() {
  assert_equal "$(github_state .refused)" '[]'
  [[ ! -e $ROOT_DIR/fixtures/refused ]] || fail "$(cat "$ROOT_DIR/fixtures/refused")"
}
