#!/usr/bin/env bash
# Lint this repository: biome for TypeScript and JSON, shellcheck and shfmt for
# every shell script, found by its ending or its shebang.
#
# Usage: scripts/with-tools.sh --only node,npm,linters -- scripts/lint.sh [--fix]
#
#   --fix    format and mend what can be mended
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/log.sh
source "$ROOT/scripts/lib/log.sh"

# Bad scripts among the fixtures are meant to be bad.
shell_scripts() {
  local file line
  while IFS= read -r -d '' file; do
    [[ -f $file && ! -L $file ]] || continue
    [[ $file != test/fixtures/* && $file != dist/* ]] || continue
    case ${file##*/} in
      *.sh | *.bash | *.bats) printf '%s\0' "$file" ;;
      *.*) ;;
      *)
        IFS= read -r line 2>/dev/null <"$file" || true
        [[ $line =~ ^#!.*[/\ ](bash|sh|dash|bats)([[:space:]]|$) ]] && printf '%s\0' "$file"
        ;;
    esac
  done < <(git ls-files -z --cached --others --exclude-standard)
  return 0
}

main() {
  local scripts failed=0 biome=(check) shfmt=(-d)
  case ${1:-} in
    '') ;;
    --fix) biome+=(--write) shfmt=(-w) ;;
    -h | --help)
      print_help "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *) usage_error "unknown option '$1'" ;;
  esac
  cd "$ROOT"
  biome "${biome[@]}" . || failed=1
  mapfile -d '' -t scripts < <(shell_scripts)
  shellcheck -x "${scripts[@]}" || failed=1
  shfmt -i 2 -ci "${shfmt[@]}" "${scripts[@]}" || failed=1
  ((failed == 0)) && say "linted, with ${#scripts[@]} shell scripts"
}

main "$@"
