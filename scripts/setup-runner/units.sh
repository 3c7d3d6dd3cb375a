# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# The services: the runner's, and the one that finishes cut-off deployments after a start of the machine.

# Only this changes when the service has to be started again: its registration, its user's groups, its gate.
service_settings() {
  local folder
  folder=$(release_folder)
  {
    cat "$ARGUMENTS" "$folder/.launch-sha256" "$HOOK" 2>/dev/null || true
    if [[ $EPHEMERAL == false ]]; then cat "$folder/.runner" "$folder/.env" 2>/dev/null || true; fi
    id -G "$RUNNER_USER" 2>/dev/null || true
  } | sha256sum | cut -c 1-16
}

runner_unit() {
  local folder=$INSTANCE prepare=''
  if [[ $EPHEMERAL == true ]]; then
    prepare="
ExecStartPre=+$REGISTER $(release_folder) $RUNNER_USER $(api_base) $SCOPE"
  else
    folder=$(release_folder)
  fi
  cat <<UNIT
# Made by setup-runner.sh.
[Unit]
Description=GitHub Actions runner of Launch
After=network-online.target docker.service
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
User=$RUNNER_USER
WorkingDirectory=$HOME_DIR
Environment=HOME=$HOME_DIR LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
Environment=ACTIONS_RUNNER_HOOK_JOB_STARTED=$HOOK
Environment=LAUNCH_RUNNER_SETTINGS=$(service_settings)$prepare
ExecStart=$folder/bin/Runner.Listener run --startuptype service
Restart=always
RestartSec=15
# A deployment's guardian outlives its job; a job that runs gets time to end.
KillMode=process
TimeoutStopSec=5min
OOMPolicy=continue
# What a job starts by Docker is not held by any of this. /tmp is the machine's: jobs mount files of it into containers.
NoNewPrivileges=yes
ProtectSystem=full
ProtectControlGroups=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes

[Install]
WantedBy=multi-user.target
UNIT
}

recover_unit() {
  cat <<UNIT
# Made by setup-runner.sh.
[Unit]
Description=Bring deployments that were cut off to an end
After=docker.service
Wants=docker.service

[Service]
Type=oneshot
User=$RUNNER_USER
Environment=HOME=$HOME_DIR PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ExecStart=$1 recover

[Install]
WantedBy=multi-user.target
UNIT
}

ensure_services() {
  local launch
  ensure_unit "$UNIT" "$(runner_unit)"
  launch=$(command -v launch) || launch=
  if [[ -n $launch ]]; then ensure_unit "$RECOVER_UNIT" "$(recover_unit "$launch")"; fi
  ensure_enabled docker.service
  ensure_started docker.service
  ensure_enabled "$UNIT"
  if [[ -n $launch ]]; then ensure_enabled "$RECOVER_UNIT"; fi
  if ! systemctl is-active --quiet "$UNIT"; then
    change "start $UNIT" systemctl start "$UNIT"
  elif [[ $(running_settings) != "$(service_settings)" ]]; then
    change "start $UNIT again, with what has changed" restart_runner
  fi
  drop_old_releases
}

# $1 the unit, $2 its text.
ensure_unit() {
  ensure_file "$UNIT_DIR/$1" 644 root:root "$2"
  if [[ $(systemctl show --property=NeedDaemonReload --value "$1" 2>/dev/null) == yes ]] ||
    [[ $(systemctl show --property=LoadState --value "$1" 2>/dev/null) == not-found ]]; then
    change 'have systemd read its units again' systemctl daemon-reload
  fi
}

ensure_enabled() {
  systemctl is-enabled --quiet "$1" 2>/dev/null || change "enable $1, so that it starts with the machine" systemctl enable --quiet "$1"
}

ensure_started() {
  systemctl is-active --quiet "$1" || change "start $1" systemctl start "$1"
}

running_pid() {
  local pid
  pid=$(systemctl show --property=MainPID --value "$UNIT" 2>/dev/null) || pid=
  [[ ! $pid =~ ^[1-9][0-9]*$ ]] || printf '%s' "$pid"
}

# What the service was started with, by its own environment.
running_settings() {
  local pid
  pid=$(running_pid)
  [[ -z $pid ]] || tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | sed -n 's/^LAUNCH_RUNNER_SETTINGS=//p' || true
}

restart_runner() {
  wait_until_idle
  systemctl restart "$UNIT"
}

# A deployment that runs is not cut off.
wait_until_idle() {
  local tries
  job_runs || return 0
  say 'A job runs on this runner; waiting for its end, for up to 30 minutes.'
  for ((tries = 0; tries < 1800; tries++)); do
    sleep 1
    job_runs || return 0
  done
  die 'a job still runs on this runner; run this script again later'
}

job_runs() {
  local file name pid
  pid=$(running_pid)
  [[ -n $pid ]] || return 1
  for file in /proc/[0-9]*/comm; do
    { IFS= read -r name <"$file"; } 2>/dev/null || continue
    if [[ $name == Runner.Worker && $(awk '/^PPid:/ { print $2 }' "${file%comm}status" 2>/dev/null) == "$pid" ]]; then return 0; fi
  done
  return 1
}
