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
