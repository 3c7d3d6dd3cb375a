#!/usr/bin/env bash
# Set up an AI sandbox on this machine: Open WebUI on port 3000, and vLLM's API (/v1) on port 8000. Needs Ubuntu 24.04, root
# and an NVIDIA GPU. Runs as a StackScript at the first boot, or by hand; a second run continues where the first one stopped.
#
# Usage: ai-sandbox.sh [--help]
#
# Settings come from the environment, each in capitals; what is not given keeps the value of the last run:
#
# <UDF name="model_id" label="Model of the Hugging Face hub" default="mistralai/Mistral-7B-Instruct-v0.3" example="mistralai/Mistral-7B-Instruct-v0.3">
# <UDF name="hf_token_password" label="Token of the Hugging Face hub. Only for models that ask for one" default="">
# <UDF name="api_key_password" label="API key, 16 to 128 letters, digits, dots, dashes and underscores. Empty: generated on the machine" default="">
# <UDF name="admin_email" label="E-mail address that the administrator signs in with" default="admin@ai-sandbox.local">
# <UDF name="admin_password" label="Password of the administrator, 8 to 72 characters. Empty: generated on the machine" default="">
# <UDF name="allowed_addresses" label="IPv4 addresses or networks that may use ports 3000 and 8000, with commas. 0.0.0.0/0 is everyone: there is no TLS, so give your own where you can" default="0.0.0.0/0" example="203.0.113.7,198.51.100.0/24">
# <UDF name="max_model_len" label="Longest context, in tokens" default="16384">
#
# What it leaves behind:
#   /etc/motd                            what is happening, or where to go, or what failed and what to do
#   /var/log/ai-sandbox/deployment.log   everything that was done, without secrets
#   /var/log/ai-sandbox/status.json      the same as motd, for programs
#   /root/ai-sandbox-credentials.txt     the API key and the administrator's password, for root only
#   /opt/ai-sandbox, /opt/models, /opt/open-webui, and the units ai-sandbox*.service
#
# Exit 0 when the sandbox is ready, or when the machine restarts for its driver and continues by itself; else 1.
#
# Generated from stackscripts/ai-sandbox/ and services/ai-sandbox/docker-compose.yml.template by `npm run generate`.
set -Eeuo pipefail
