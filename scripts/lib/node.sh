# shellcheck shell=bash
# Node and the npm dependencies. Sourced by setup-dev.sh.

ensure_node() {
  if node_on_path_suffices || [[ -x $NODE_HOME/bin/node ]]; then return; fi
  local remedy="Install Node $NODE_MINIMUM or later and put it on PATH." arch integrity package
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) arch=x64 integrity=$NODE_INTEGRITY_X64 ;;
    Linux-aarch64) arch=arm64 integrity=$NODE_INTEGRITY_ARM64 ;;
    *)
      missing node "there is no pinned build for $(uname -sm)" "$remedy"
      return
      ;;
  esac
  if ! command -v npm >/dev/null; then
    missing node 'there is neither Node nor an npm to fetch it with' "$remedy"
    return
  fi
  take_lock
  [[ ! -x $NODE_HOME/bin/node ]] || return 0
  say "==> Node $NODE_VERSION"
  work_dir
  package=node-linux-$arch-$NODE_VERSION.tgz
  if run_logged node npm pack --silent --pack-destination "$WORK_DIR" "node-linux-$arch@$NODE_VERSION" &&
    run_logged node has_integrity "$WORK_DIR/$package" "$integrity" &&
    mkdir -p "$WORK_DIR/node" &&
    run_logged node tar -xzf "$WORK_DIR/$package" -C "$WORK_DIR/node" --strip-components=1 \
      --no-same-owner package/bin/node package/LICENSE &&
    run_logged node "$WORK_DIR/node/bin/node" --version; then
    put_in_place "$WORK_DIR/node" "$NODE_HOME"
  else
    missing node "Node $NODE_VERSION could not be fetched from npm, the reason is above" "$remedy"
  fi
}

# $1 a file, $2 its subresource integrity as in package-lock.json.
has_integrity() {
  local actual
  actual=sha512-$(openssl dgst -sha512 -binary "$1" | base64 -w 0)
  [[ $actual == "$2" ]] || {
    echo "$(basename "$1") has integrity $actual, expected $2"
    return 1
  }
}

# The stamp holds both locks' hashes: package-lock.json says what should be
# there, npm's hidden lock what is. Modification times say nothing after a clone.
npm_stamp() {
  cat "$ROOT/package-lock.json" "$ROOT/node_modules/.package-lock.json" | sha256sum | cut -d ' ' -f 1
}

npm_is_stamped() {
  [[ -s $ROOT/node_modules/.package-lock.json && -s $ROOT/node_modules/.launch-lock ]] &&
    [[ $(npm_stamp) == "$(<"$ROOT/node_modules/.launch-lock")" ]]
}

# True when someone's own `npm install` has put exactly the locked packages there.
npm_matches() {
  [[ -s $ROOT/node_modules/.package-lock.json ]] &&
    node "$ROOT/scripts/lib/npm-matches.mjs" "$ROOT"
}

ensure_npm() {
  npm_is_stamped && return
  if ! command -v npm >/dev/null; then
    missing npm 'there is no npm on PATH' "Install Node $NODE_MINIMUM or later with npm."
    return
  fi
  take_lock
  npm_is_stamped && return
  if ! npm_matches; then
    say '==> npm dependencies'
    if ! (cd "$ROOT" && run_logged npm npm ci --ignore-scripts --no-audit --no-fund --loglevel=error); then
      missing npm 'npm ci failed, its last lines are above' 'Mend that, then run npm ci --ignore-scripts.'
      return
    fi
  fi
  npm_stamp >"$ROOT/node_modules/.launch-lock"
}
