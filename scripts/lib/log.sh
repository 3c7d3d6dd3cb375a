# shellcheck shell=bash
# Messages for people. All go to stderr: stdout belongs to a script's result.

# What takes time or changes something: shown even with --quiet.
say() {
  printf '%s\n' "$*" >&2
}

# What is already as it should be: hidden by --quiet.
note() {
  [[ ${QUIET:-false} == true ]] || printf '%s\n' "$*" >&2
}

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

usage_error() {
  printf 'error: %s\nRun %s --help for the options.\n' "$*" "$0" >&2
  exit 2
}

# The header comment of a script is its help text.
print_help() {
  awk 'NR == 1 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$1"
}

# Seconds as people read them: 42s, 3m05s.
human_seconds() {
  if (($1 < 60)); then printf '%ds' "$1"; else printf '%dm%02ds' "$(($1 / 60))" "$(($1 % 60))"; fi
}
