# shellcheck shell=bash disable=SC2034
# What is fixed, and what the environment gives.

# Only for the one request or program that needs it: nothing else that is started gets a token.
API_TOKEN=${GITHUB_TOKEN:-${GH_TOKEN:-}}
GIVEN_TOKEN=${RUNNER_TOKEN:-}
unset GITHUB_TOKEN GH_TOKEN RUNNER_TOKEN

# The SHA-256 of each archive, as GitHub publishes them with the release.
readonly PINNED_VERSION=2.336.0
readonly MINIMUM_VERSION=2.327.1
readonly PINNED_SHA256_X64=04cf0be1aff4c3ec3554466c39124ca250e3effd8873bb7e8d68535aa9505d5d
readonly PINNED_SHA256_ARM64=58b758e420b87093fbd4bfddd368074960053e2f1388f01848c82624b90f27d1
readonly RELEASES=${LAUNCH_RUNNER_RELEASES:-https://github.com/actions/runner/releases/download}

# Docker's own packages, and the key that signs them.
readonly DOCKER_APT=${LAUNCH_DOCKER_APT:-https://download.docker.com/linux}
readonly DOCKER_KEY=9DC858229FC7DD38854AE2D88D81803C0EBFCD88
readonly COMPOSE_MINIMUM=2.20

readonly CONFIG_DIR=/etc/launch
readonly RECORD=$CONFIG_DIR/runner-record
readonly POLICY=$CONFIG_DIR/runner-policy
readonly ARGUMENTS=$CONFIG_DIR/runner-arguments
readonly CREDENTIAL=$CONFIG_DIR/runner-credential
readonly LIB_DIR=/usr/local/lib/launch
readonly HOOK=$LIB_DIR/job-started.sh
readonly REGISTER=$LIB_DIR/register-runner.sh
readonly RUNNER_DIR=/opt/launch-runner
readonly INSTANCE=$RUNNER_DIR/instance
readonly HOME_DIR=/var/lib/launch-runner
readonly STATE_DIR=/var/lib/launch
readonly STATE_GROUP=launch
readonly UNIT_DIR=/etc/systemd/system
readonly UNIT=launch-runner.service
readonly RECOVER_UNIT=launch-recover.service
readonly DOCKER_SOURCE=/etc/apt/sources.list.d/launch-docker.sources
readonly DOCKER_KEYRING=/etc/apt/keyrings/launch-docker.asc
