# shellcheck shell=bash disable=SC2004,SC2034,SC2153,SC2154

random_hex() {
  head -c "$1" /dev/urandom | od -An -v -tx1 | tr -d ' \n'
}

# $1 the variable, $2 what the settings say, $3 how a generated one begins. The same in every run.
keep_secret() {
  local value=$2
  [[ -n $value ]] || value=$(stored_value "$1" "$STATE_DIR/secrets")
  [[ -n $value ]] || value=$3$(random_hex 24)
  printf -v "$1" '%s' "$value"
}

# Open WebUI makes the account at its first start, and takes neither of these later: what is written down stays what works.
keep_account() {
  local email password
  [[ -s $WEBUI_DATA_DIR/webui.db ]] || return 0
  email=$(stored_value WEBUI_ADMIN_EMAIL "$STATE_DIR/secrets") password=$(stored_value WEBUI_ADMIN_PASSWORD "$STATE_DIR/secrets")
  [[ -n $email && -n $password ]] || return 0
  if [[ $ADMIN_EMAIL != "$email" || ${ADMIN_PASSWORD:-$password} != "$password" ]]; then
    say '  the administrator is there already: admin_email and admin_password are changed in the chat, and not here'
  fi
  ADMIN_EMAIL=$email ADMIN_PASSWORD=$password
}

make_secrets() {
  keep_account
  keep_secret VLLM_API_KEY "$API_KEY_PASSWORD" sk-
  keep_secret WEBUI_ADMIN_PASSWORD "$ADMIN_PASSWORD" ''
  keep_secret WEBUI_SECRET_KEY '' ''
  local name
  {
    printf 'WEBUI_ADMIN_EMAIL=%s\n' "$ADMIN_EMAIL"
    for name in VLLM_API_KEY WEBUI_ADMIN_PASSWORD WEBUI_SECRET_KEY; do printf '%s=%s\n' "$name" "${!name}"; done
  } | write_file 600 "$STATE_DIR/secrets"
}

# In single quotes, where compose expands nothing; no value holds a quote.
write_environment() {
  write_file 600 "$STACK_DIR/.env" <<ENVIRONMENT
COMPOSE_PROJECT_NAME='$PROJECT'
MODEL_ID='$MODEL_ID'
MAX_MODEL_LEN='$MAX_MODEL_LEN'
GPU_COUNT='$GPU_COUNT'
HF_HUB_OFFLINE='1'
MODELS_DIR='$MODELS_DIR'
WEBUI_DATA_DIR='$WEBUI_DATA_DIR'
WEBUI_PORT='$WEBUI_PORT'
API_PORT='$API_PORT'
VLLM_API_KEY='$VLLM_API_KEY'
WEBUI_ADMIN_EMAIL='$ADMIN_EMAIL'
WEBUI_ADMIN_PASSWORD='$WEBUI_ADMIN_PASSWORD'
WEBUI_SECRET_KEY='$WEBUI_SECRET_KEY'
ENVIRONMENT
}

write_credentials() {
  write_file 600 "$CREDENTIALS_FILE" <<CREDENTIALS
AI sandbox

Chat:      http://$ADDRESS:$WEBUI_PORT
  E-mail:    $ADMIN_EMAIL
  Password:  $WEBUI_ADMIN_PASSWORD

API:       http://$ADDRESS:$API_PORT/v1
  Key:       $VLLM_API_KEY
  Model:     $MODEL_ID
CREDENTIALS
}

# Beside the file there may be a docker-compose.override.yml of the owner's; it is left alone.
stack() {
  local seconds=$1
  shift
  timeout --kill-after=10 "$seconds" docker compose --project-directory "$STACK_DIR" "$@" </dev/null
}

# The images come while the model does: each takes minutes. Whether they could be had is seen when they are needed. Who
# waits for the lock does not wait for this.
prefetch_images() {
  timeout --kill-after=10 3600 docker compose --project-directory "$STACK_DIR" pull --quiet --policy missing </dev/null 3>&- 9>&- &
  PREFETCH=$!
}

install_units() {
  write_file 644 "$UNIT_DIR/ai-sandbox.service" <<UNIT
[Unit]
Description=AI sandbox: vLLM and Open WebUI
Requires=docker.service
After=docker.service network-online.target ai-sandbox-firewall.service
Wants=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/env docker compose --project-directory $STACK_DIR up --detach --remove-orphans
ExecStop=/usr/bin/env docker compose --project-directory $STACK_DIR stop

[Install]
WantedBy=multi-user.target
UNIT
  # Before Docker, which keeps rules that it finds; and Docker does not start without them.
  write_file 644 "$UNIT_DIR/ai-sandbox-firewall.service" <<UNIT
[Unit]
Description=Addresses that may reach the AI sandbox
Before=docker.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=$STACK_DIR/ai-sandbox.sh --firewall

[Install]
WantedBy=multi-user.target
RequiredBy=docker.service
UNIT
  logged 60 systemctl daemon-reload
  logged 60 systemctl enable ai-sandbox-firewall.service
}

# Docker publishes ports past ufw; DOCKER-USER is the chain it leaves to the owner. The port is the one before Docker's own
# translation. What containers send to each other comes in by a bridge.
firewall_rules() {
  local address
  printf '*filter\n:AI-SANDBOX - [0:0]\n'
  for address in "${ALLOWED[@]}"; do printf -- '-A AI-SANDBOX -s %s -j RETURN\n' "$address"; done
  printf -- '-A AI-SANDBOX -j DROP\nCOMMIT\n'
}

apply_firewall() {
  local port rule
  iptables -w -N DOCKER-USER 2>/dev/null || true
  firewall_rules | iptables-restore -w --noflush || return 1
  for port in "$WEBUI_PORT" "$API_PORT"; do
    rule=(DOCKER-USER ! -i br-+ -p tcp -m conntrack --ctorigdstport "$port" --ctdir ORIGINAL -j AI-SANDBOX)
    iptables -w -C "${rule[@]}" 2>/dev/null || iptables -w -I "${rule[@]}" || return 1
  done
}

phase_configure() {
  now 'writing the configuration'
  check_gpu_memory
  mkdir -p "$MODELS_DIR" "$WEBUI_DATA_DIR"
  # Chats and password hashes are nobody else's business. Open WebUI's container runs as root.
  chmod 700 "$WEBUI_DATA_DIR"
  make_secrets
  write_environment
  compose_template | write_file 644 "$STACK_DIR/docker-compose.yml"
  stack 60 config --quiet || fail CONFIGURATION_FAILED 'docker compose does not accept the configuration.' \
    "See the last lines of $LOG_FILE. $STACK_DIR/docker-compose.override.yml, where there is one, may be to blame."
  write_credentials
  install_units
  apply_firewall || fail FIREWALL_FAILED 'iptables did not take the rules for the allowed addresses.' "See the last lines of $LOG_FILE, then run the script again."
}
