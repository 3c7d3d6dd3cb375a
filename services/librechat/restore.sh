#!/usr/bin/env bash
# Put back what backup.sh has saved, in place of what is there now.
#
# Usage: services/librechat/restore.sh --replace FOLDER
#
#   FOLDER     what backup.sh made
#   --replace  chats, accounts and embeddings of now are lost: say that you know
#   --help     this text
#
# A damaged backup is refused before anything is touched. LibreChat has to be deployed,
# and is stopped for the time that it takes. Files that were sent since the backup stay. COMPOSE_PROJECT_NAME names another project than
# librechat.
set -euo pipefail

STOPPED=()

die() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

print_help() {
  awk 'NR == 1 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "${BASH_SOURCE[0]}"
}

start_again() {
  local status=$?
  ((${#STOPPED[@]} == 0)) || docker start "${STOPPED[@]}" >/dev/null
  ((status == 0)) ||
    printf 'error: not all of it was restored. Mend the reason above, and run this again.\n' >&2
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
restore_databases() {
  docker exec --interactive "$1" sh -c 'mongorestore --quiet --config=/dev/fd/3 --username="$MONGO_INITDB_ROOT_USERNAME" \
    --authenticationDatabase=admin --nsInclude="LibreChat.*" --drop --archive --gzip 3<<END
password: $MONGO_INITDB_ROOT_PASSWORD
END' <"$3/mongodb.archive.gz"
  docker exec --interactive "$2" sh -c 'pg_restore --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --clean --if-exists \
    --single-transaction --exit-on-error' <"$3/vectordb.dump"
}

main() {
  local folder='' replace=false name mongodb vectordb api rag
  while (($#)); do
    case $1 in
      --replace) replace=true ;;
      -h | --help)
        print_help
        return
        ;;
      -*) die "unknown option '$1'; --help tells more" ;;
      *) folder=$1 ;;
    esac
    shift
  done
  [[ -n $folder ]] || die 'give the folder that backup.sh made; --help tells more'
  for name in mongodb.archive.gz vectordb.dump files.tar SHA256SUMS; do
    [[ -s $folder/$name ]] || die "there is no $folder/$name"
  done
  [[ $replace == true ]] || die 'this replaces all chats and accounts; add --replace'
  # mongorestore drops a collection before it reads what replaces it.
  (cd -- "$folder" && sha256sum --check --strict --quiet SHA256SUMS >&2) ||
    die "$folder is damaged: take another copy of it. Nothing was touched."
  mongodb=$(container mongodb)
  vectordb=$(container vectordb)
  api=$(container api)
  rag=$(container rag_api)

  trap 'start_again' EXIT
  docker exec --interactive "$api" tar -C /app -xf - <"$folder/files.tar"
  STOPPED=("$rag" "$api")
  docker stop "$api" "$rag" >/dev/null
  restore_databases "$mongodb" "$vectordb" "$folder"
  printf 'restored from %s\n' "$folder"
}

main "$@"
