#!/usr/bin/env bash
# Start LibreChat. Launch runs this as the start step of a deployment; by hand it
# works as well, with the secrets of service.yml in the environment.
#
# A secret that LibreChat could not use is told before anything starts, by its name
# only.
set -euo pipefail

# $1 a name, $2 what its value has to look like, $3 that in words
require_form() {
  local value=${!1:-}
  [[ $value =~ $2 ]] || {
    printf 'error: %s has to be %s. Nothing was started. README.md tells how to make it.\n' "$1" "$3" >&2
    exit 1
  }
}

main() {
  local folder
  folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  require_form CREDS_KEY '^[0-9a-fA-F]{64}$' '64 hexadecimal digits'
  require_form CREDS_IV '^[0-9a-fA-F]{32}$' '32 hexadecimal digits'
  require_form JWT_SECRET '.{32}' '32 characters or more'
  require_form JWT_REFRESH_SECRET '.{32}' '32 characters or more'
  require_form MEILI_MASTER_KEY '.{16}' '16 characters or more'
  # It becomes part of a URI.
  require_form MONGO_PASSWORD '^[A-Za-z0-9_-]{16,}$' '16 or more letters, digits, "-" and "_"'
  require_form POSTGRES_PASSWORD '.{16}' '16 characters or more'
  exec "$folder/../../scripts/deploy-docker.sh" --timeout 300 "$@" "$folder"
}

main "$@"
