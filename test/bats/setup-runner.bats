#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2034
# scripts/setup-runner.sh on a machine of its own: what it makes, what it needs for that, and what it refuses.

load helper
load runner-machine

setup_file() {
  make_archives
  export ARCHIVES
}

setup() {
  require_machine
  start_github
  make_machine debian 12
  with_api
}

sees_online() {
  [[ $(github_state '[.runners[] | [.name, .online]]') == '[["homelab-1",true]]' ]]
}

teardown() {
  shut_down
}

@test "a fresh machine: everything is there, and each proof holds" {
  run -0 set_up
  assert_lacks "$output" FAILED
  assert_contains "$output" 'ok      launch-runner.service starts with the machine'
  assert_contains "$output" 'ok      launch-runner.service runs as launch-runner'
  assert_contains "$output" 'ok      launch-runner can use Docker (docker ps)'
  assert_contains "$output" 'ok      launch-runner can write to /var/lib/launch'
  assert_contains "$output" 'ok      the gate refuses a job of a pull request'
  assert_contains "$output" 'ok      the runner uses the gate, and its user can not change it'
  assert_contains "$output" 'online, with the labels self-hosted, Linux, X64, homelab, docker'
  assert_contains "$output" 'port 443'
  assert_nothing_refused

  assert_equal "$(inside stat -c '%a %U:%G' /var/lib/launch)" '2770 root:launch'
  assert_equal "$(inside stat -c '%a %U:%G' /opt/launch-runner/2.336.0/.credentials)" '640 root:launch-runner'
  assert_equal "$(inside getent passwd launch-runner | cut -d : -f 6-)" '/var/lib/launch-runner:/usr/sbin/nologin'
  assert_equal "$(inside id -nG launch-runner)" 'launch-runner docker launch'
  assert_contains "$(inside getent shadow launch-runner)" 'launch-runner:!'
  # Nothing there is the runner's own to write but its logs: .env, above all, is root's.
  assert_equal "$(inside find /opt/launch-runner /usr/local/lib/launch /etc/launch -user launch-runner -type d)" /opt/launch-runner/2.336.0/_diag
  assert_equal "$(inside find /opt/launch-runner /usr/local/lib/launch /etc/launch -perm /022 ! -type l)" ''
  assert_contains "$(github_state '.requests')" '/releases/v2.336.0/actions-runner-linux-x64-2.336.0.tar.gz'
}

@test "systemd has no complaint about the units" {
  inside sh -c 'echo "#!/bin/sh" >/usr/local/bin/launch; chmod 755 /usr/local/bin/launch'
  run -0 set_up
  assert_contains "$output" 'enable launch-recover.service'
  assert_lacks "$output" 'there is no command launch'
  mkdir "$BATS_TEST_TMPDIR/units"
  for unit in launch-runner launch-recover; do
    # Programs and the user are not on this machine.
    file "/etc/systemd/system/$unit.service" |
      sed -e 's#^ExecStart=.*#ExecStart=/bin/true#' -e 's#^User=.*#User=daemon#' >"$BATS_TEST_TMPDIR/units/$unit.service"
    run -0 systemd-analyze verify "$BATS_TEST_TMPDIR/units/$unit.service"
    assert_lacks "$output" "$unit"
  done
  assert_contains "$(file /etc/systemd/system/launch-recover.service)" 'ExecStart=/usr/local/bin/launch recover'
}

@test "no token is in an argument, a file, the output or the service's environment" {
  echo 1.5 | write /fixtures/config-seconds
  SETUP_ENV+=(RUNNER_TOKEN=registration-by-hand-0001)
  inside sh -c 'while :; do cat /proc/[0-9]*/cmdline; done >/fixtures/arguments 2>/dev/null' &
  watcher=$!
  run -0 set_up
  kill "$watcher"
  assert_lacks "$output" registration-by-hand-0001
  assert_lacks "$output" "$API_KEY"
  # The watcher has seen config.sh with its options.
  tr '\0' ' ' <"$ROOT_DIR/fixtures/arguments" >"$BATS_TEST_TMPDIR/arguments"
  run -0 grep -c -- '--unattended --replace' "$BATS_TEST_TMPDIR/arguments"
  for secret in registration-by-hand-0001 "$API_KEY"; do
    # The one that sets the environment of the whole test is env itself.
    run -1 grep -o "config.sh[^/]*$secret\|curl [^/]*$secret\|setup-runner.sh [^/]*$secret" "$BATS_TEST_TMPDIR/arguments"
    run -1 "${AS_ROOT[@]}" grep -rF "$secret" "$ROOT_DIR"/{etc,opt,var,tmp,root,run} "$UPPER"
    run -1 inside sh -c "cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -F $secret"
  done
}

@test "a registration token alone will do, from the environment or standard input; then GitHub is not asked" {
  SETUP_ENV=(RUNNER_TOKEN=registration-by-hand-0001)
  run -0 set_up
  assert_contains "$output" '?       whether GitHub sees the runner online could not be asked'
  assert_equal "$(github_state '[.requests[] | select(contains("/api/"))]')" '[]'
  SETUP_ENV=()
  run -0 set_up --name other <<<registration-by-hand-0001
  assert_contains "$output" 'The runner homelab-1 stays on the list of repos/acme/shop'
  run -1 set_up --name third </dev/null
  assert_contains "$output" 'this takes a registration token'
  run -1 set_up --name third <<<'$(reboot)'
  assert_contains "$output" 'a token has characters that no token of GitHub has'
  run -1 set_up --name third <<<registration-by-hand-9999
  assert_contains "$output" 'could not be registered'
  run -2 set_up --token registration-by-hand-0001
  assert_contains "$output" 'a token is no option'
}

@test "a token that may not, and a GitHub that does not answer, are said so" {
  github_set '{"forbidden": true}'
  run -1 set_up
  assert_contains "$output" 'GitHub refused: a registration token for repos/acme/shop (HTTP 403, Resource not accessible'
  SETUP_ENV+=(RUNNER_TOKEN=registration-by-hand-0001)
  run -0 set_up
  assert_contains "$output" 'could not be asked (HTTP 403)'
  SETUP_ENV=(GITHUB_TOKEN=wrong)
  run -1 set_up --name other
  assert_contains "$output" 'GitHub does not know the token'
}

@test "a wrong checksum stops it before anything is unpacked, and leaves nothing" {
  run -1 set_up --version 2.337.1 --sha256 "$(sha_of 2.336.0)"
  assert_contains "$output" 'has another checksum than the pinned one: it was not unpacked'
  assert_contains "$output" "got      $(sha_of 2.337.1)"
  assert_equal "$(inside ls -A /opt/launch-runner)" ''
  assert_equal "$(github_state .runners)" '[]'
  [[ ! -e $ROOT_DIR/etc/systemd/system/launch-runner.service ]]
}

@test "a new version takes over the registration, without a token" {
  set_up
  SETUP_ENV=()
  run -0 set_up --version 2.337.1 --sha256 "$(sha_of 2.337.1)" </dev/null
  assert_equal "$(inside ls -A /opt/launch-runner)" 2.337.1
  assert_contains "$(inside sh -c 'cat /proc/[0-9]*/cmdline | tr "\\0" " "')" /opt/launch-runner/2.337.1/bin/Runner.Listener
  assert_equal "$(github_state '[.runners[].online]')" '[true]'
}

@test "a registration that can not be copied whole stays where it is" {
  set_up
  inside sh -c 'printf "#!/bin/sh\ncase \$* in *credentials*) echo No space left >&2; exit 1 ;; esac\nexec /usr/bin/cp \"\$@\"\n" >/usr/local/sbin/cp
    chmod 755 /usr/local/sbin/cp'
  SETUP_ENV=()
  run -1 set_up --version 2.337.1 --sha256 "$(sha_of 2.337.1)" </dev/null
  assert_contains "$output" 'could not be copied'
  inside rm /usr/local/sbin/cp
  run -0 set_up --version 2.337.1 --sha256 "$(sha_of 2.337.1)" </dev/null
  assert_contains "$output" 'take over the registration'
}

@test "a job of a pull request that reaches the service is refused there; a job that runs is waited for" {
  set_up
  printf '%s\n' GITHUB_EVENT_NAME=pull_request GITHUB_REPOSITORY=acme/shop GITHUB_REF=refs/pull/7/merge 'EVENT={"pull_request": {}}' |
    write /fixtures/job
  eventually inside grep -q 'Refused by this runner' /fixtures/job-log
  # Its worker still has to end.
  run -0 set_up --labels homelab,other
  assert_contains "$output" 'A job runs on this runner; waiting for its end'
  assert_lacks "$(file /fixtures/job-log)" RAN
  inside test -e /fixtures/job-done
}

@test "--ephemeral: each job has a registration and a folder of its own" {
  SETUP_ENV=()
  run -1 set_up --ephemeral </dev/null
  assert_contains "$output" '--ephemeral registers the runner again for each job, and takes GITHUB_TOKEN'
  with_api
  run -0 set_up --ephemeral
  assert_lacks "$output" FAILED
  first=$(github_state '.runners[0]')
  assert_equal "$(jq .ephemeral <<<"$first")" true
  assert_equal "$(inside stat -c '%a %U' /etc/launch/runner-credential)" '600 root'
  # Which a job has left behind, in the folder that is its own.
  inside sh -c 'echo ACTIONS_RUNNER_HOOK_JOB_STARTED= >/opt/launch-runner/instance/.env; touch /opt/launch-runner/instance/left'
  printf 'GITHUB_EVENT_NAME=pull_request\n' | write /fixtures/job
  eventually inside test -e /fixtures/job-done
  eventually inside sh -c '! systemctl is-active launch-runner.service'
  assert_equal "$(github_state '.runners')" '[]'
  # As systemd does with Restart=always.
  inside systemctl start launch-runner.service
  eventually sees_online
  inside test ! -e /opt/launch-runner/instance/left
  assert_contains "$(file /opt/launch-runner/instance/.env)" ACTIONS_RUNNER_HOOK_JOB_STARTED=/usr/local/lib/launch/job-started.sh
  assert_contains "$(file /opt/launch-runner/2.336.0/.env)" ACTIONS_RUNNER_HOOK_JOB_STARTED=/usr/local/lib/launch/job-started.sh
  run -0 set_up --ephemeral
  assert_lacks "$output" '==>'
  # And back, and there again.
  run -0 set_up
  inside test ! -e /etc/launch/runner-credential
  inside test ! -e /opt/launch-runner/instance
  run -0 set_up --ephemeral
  run -0 set_up
  assert_lacks "$output" FAILED
  assert_equal "$(github_state '[.runners[] | [.online, .ephemeral]]')" '[[true,false]]'
}

@test "an organisation's runner says which repositories may use it" {
  run -2 raw_set_up --organisation acme --labels homelab
  assert_contains "$output" 'needs --allow-repository'
  run -0 raw_set_up --organisation acme --labels homelab --group 'deploy hosts' --allow-repository acme/shop \
    --allow-repository 'acme-labs/*' --allow-ref refs/heads/main --allow-ref 'refs/tags/v*'
  assert_contains "$output" 'the gate takes a push to refs/heads/main of acme/shop'
  assert_equal "$(github_state '[.runners[] | [.scope, .group]]')" '[["orgs/acme","deploy hosts"]]'
  assert_equal "$(file /etc/launch/runner-policy | grep -v '^#')" $'repository acme/shop\nrepository acme-labs/*\nref refs/heads/main\nref refs/tags/v*'
}

@test "arm64 gets its own archive" {
  echo aarch64 | write /fixtures/machine
  run -0 set_up
  assert_contains "$(github_state '.requests')" actions-runner-linux-arm64-2.336.0.tar.gz
  assert_contains "$(file /etc/apt/sources.list.d/launch-docker.sources)" 'Architectures: arm64'
}

@test "other systems, other machines and other users than root are refused" {
  before=$(listing times)
  echo riscv64 | write /fixtures/machine
  run -1 set_up
  assert_contains "$output" 'this machine is riscv64'
  echo x86_64 | write /fixtures/machine
  write /etc/os-release <<<$'ID=fedora\nVERSION_ID=43'
  run -1 set_up
  assert_contains "$output" 'this is fedora 43; the script knows Debian 12 and 13, Ubuntu 22.04 and 24.04'
  run -1 inside setpriv --reuid 65534 --clear-groups -- bash /root/setup-runner.sh --repository acme/shop --labels a
  assert_contains "$output" "setting up a runner is root's"
  printf 'PRETTY_NAME="x"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n' | write /etc/os-release
  rmdir_systemd=$(inside rmdir /run/systemd/system && echo gone)
  assert_equal "$rmdir_systemd" gone
  run -1 set_up
  assert_contains "$output" 'systemd does not run here'
  assert_equal "$(machine_calls)" ''
  [[ $before == *setup-runner.sh* ]]
}

@test "Ubuntu's packages are Ubuntu's, and a broken source of others does not matter" {
  echo update | write /fixtures/apt-fails
  printf 'NAME=Ubuntu\nID=ubuntu\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\n' | write /etc/os-release
  run -0 set_up
  assert_contains "$output" 'libicu74 libssl3t64'
  assert_contains "$(file /etc/apt/sources.list.d/launch-docker.sources)" 'Suites: noble'
}

@test "wrong options name what they got, and nothing is done" {
  while IFS='|' read -r options said; do
    eval "run -2 inside bash /root/setup-runner.sh $options"
    assert_contains "$output" "$said"
  done <<'CASES'
--labels a|which repository is the runner for
--repository acme/shop|which labels
--repository acme|--repository is OWNER/NAME, not acme
--repository 'acme/$(reboot)' --labels a|not acme/\$\(reboot\)
--repository acme/shop --labels 'a b'|--labels is a list of labels with commas
--repository acme/shop --labels $'a\nb'|--labels is a list
--repository acme/shop --organisation acme --labels a|not both
--repository acme/shop --labels a --allow-ref main|--allow-ref is a whole ref
--repository acme/shop --labels a --allow-ref $'refs/heads/x\nref refs/heads/y'|--allow-ref is a whole ref
--repository acme/shop --labels a --allow-repository '*/*'|--allow-repository is OWNER/NAME or OWNER/*
--repository acme/shop --labels a --version 2.336.0|--version and --sha256 go together
--repository acme/shop --labels a --version 2.336.0 --sha256 abc|--sha256 is a SHA-256
--repository acme/shop --labels a --version 2.289.1 --sha256 abc|--version is 2.327.1 or later, not 2.289.1
--repository acme/shop --labels a --user root|--user can not be root
--repository acme/shop --labels a --user 'x;id'|--user is the name of a user
--repository acme/shop --labels a --url https://github.com/acme|--url is an address
--repository acme/shop --labels|--labels needs a value
--repository acme/shop --labels a --purge|go with --remove
--repositroy acme/shop|unknown option --repositroy
CASES
  run -0 inside bash /root/setup-runner.sh --help
  assert_contains "$output" '--allow-ref REF'
  assert_lacks "$output" 'set -euo'
  assert_equal "$(machine_calls)" ''
}

@test "Docker: what is here and new enough is used, what is too old is not replaced, another's key is not trusted" {
  github_set '{"dockerKey": "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"}'
  run -1 set_up
  assert_contains "$output" "is not Docker's key: its fingerprint is none"
  inside test ! -e /etc/apt/keyrings/launch-docker.asc
  run -1 set_up --no-docker
  assert_contains "$output" '--no-docker says to install none'

  inside sh -c 'groupadd --system docker; ln -s /fixtures/bin/docker /usr/local/bin/docker; ln -s /fixtures/bin/docker /usr/local/bin/dockerd
    touch /fixtures/packages/docker.io /fixtures/systemd/loaded/docker.service'
  echo 1.29.2 | write /fixtures/compose-version
  run -1 set_up
  assert_contains "$output" 'Docker Engine is here, without compose 2.20 or later'
  echo v2.26.1-4 | write /fixtures/compose-version
  run -0 set_up --no-docker
  assert_contains "$output" 'docker compose is 2.26.1'
  inside test ! -e /fixtures/packages/docker-ce
  assert_nothing_refused
}

@test "a user that could do more than a runner should is not taken" {
  inside useradd --system --groups sudo deploy
  run -1 set_up --user deploy
  assert_contains "$output" 'the user deploy is in the group sudo'
  inside useradd --system other
  inside usermod --password '$6$x$y' other
  run -1 set_up --user other
  assert_contains "$output" 'the user other has a password'
}

@test "two runs at once: the second one says so" {
  echo 2 | write /fixtures/config-seconds
  set_up >/dev/null 2>&1 &
  first=$!
  eventually grep -q 'install -y' "$ROOT_DIR/fixtures/calls"
  run -1 set_up
  assert_contains "$output" 'another run of this script is under way'
  wait "$first"
  assert_equal "$(github_state '.runners | length')" 1
}

@test "a proof that does not hold fails the run, and says what to look at" {
  set_up
  github_set '{"hidden": true}'
  inside sh -c 'echo "#!/bin/sh
exit 0" >/fixtures/bin/sleep; chmod 755 /fixtures/bin/sleep; cp /fixtures/bin/sleep /usr/local/sbin/sleep'
  run -1 set_up
  assert_contains "$output" 'FAILED  GitHub does not see the runner homelab-1 online'
  assert_contains "$output" '1 of these failed'
}
