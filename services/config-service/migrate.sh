#!/usr/bin/env bash
# Apply the migrations that the environment's database lacks, before a new version is tried out.
#
# Usage: migrate.sh            (run by Launch, as the hook pre-deploy)
#        LAUNCH_ENVIRONMENT=staging migrate.sh
#
# Environment: LAUNCH_ENVIRONMENT (an environment of wrangler.jsonc), CLOUDFLARE_API_TOKEN,
# CLOUDFLARE_ACCOUNT_ID.
set -euo pipefail

main() {
  cd "$(dirname "${BASH_SOURCE[0]}")"
  : "${LAUNCH_ENVIRONMENT:?names the environment of wrangler.jsonc}"
  # Without .env files, by which the token could be led to another server.
  ../../node_modules/.bin/wrangler d1 migrations apply DB --remote \
    --env "$LAUNCH_ENVIRONMENT" --env-file /dev/null
}

main "$@"
