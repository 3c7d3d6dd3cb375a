#!/usr/bin/env bash
# Save what LibreChat keeps, while it runs.
#
# Usage: services/librechat/backup.sh FOLDER
#
#   FOLDER  where to; it must not exist yet
#   --help  this text
#
#   mongodb.archive.gz  accounts and chats, of mongodump
#   vectordb.dump       the embeddings of files, of pg_dump
#   files.tar           files and pictures that were sent
#   SHA256SUMS          what restore.sh knows a damaged copy by
#
# All of them can be read by you alone; keep them so. CREDS_KEY and CREDS_IV belong to
# them: without these, what users have stored encrypted stays so. The search index is
# not saved, see README.md. COMPOSE_PROJECT_NAME names another project than librechat.
set -euo pipefail
umask 077

PART=

die() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

print_help() {
  awk 'NR == 1 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "${BASH_SOURCE[0]}"
}

clean_up() {
  [[ -z $PART ]] || rm -rf -- "$PART"
}

# $1 a service of compose.yml
container() {
  local project=${COMPOSE_PROJECT_NAME:-librechat} id
  id=$(docker ps --quiet --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$1")
  [[ -n $id ]] || die "no container of $1 runs in the compose project $project"
  printf '%s\n' "${id%%$'\n'*}"
}

# The shell of a container fills its own variables in: no password is an argument.
# shellcheck disable=SC2016
save() {
  docker exec "$1" sh -c 'printf "password: %s\n" "$MONGO_INITDB_ROOT_PASSWORD" |
    mongodump --quiet --config=/dev/stdin --username="$MONGO_INITDB_ROOT_USERNAME" --authenticationDatabase=admin \
      --db=LibreChat --archive --gzip' >"$PART/mongodb.archive.gz"
  docker exec "$2" sh -c 'pg_dump --username="$POSTGRES_USER" --format=custom "$POSTGRES_DB"' >"$PART/vectordb.dump"
  docker exec "$3" tar -C /app -cf - uploads client/public/images >"$PART/files.tar"
  (cd -- "$PART" && sha256sum mongodb.archive.gz vectordb.dump files.tar >SHA256SUMS)
}

main() {
  local folder=${1:-} mongodb vectordb api
  case $folder in
    -h | --help)
      print_help
      return
      ;;
    '' | -*) die 'give the folder to save to; --help tells more' ;;
  esac
  [[ ! -e $folder ]] || die "$folder exists already"
  mongodb=$(container mongodb)
  vectordb=$(container vectordb)
  api=$(container api)
  trap 'clean_up' EXIT
  PART=$(mktemp -d "$folder.part.XXXXXX")
  save "$mongodb" "$vectordb" "$api"
  mv -T -- "$PART" "$folder"
  PART=
  printf 'saved to %s\n' "$folder"
}

main "$@"
