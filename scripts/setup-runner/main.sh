# shellcheck shell=bash disable=SC2034,SC2153,SC2154

set_up() {
  ensure_prerequisites
  ensure_docker
  ensure_user
  ensure_folders
  ensure_gate
  ensure_release
  ensure_registration
  ensure_services
}

main() {
  parse_options "$@"
  check_options
  check_tokens
  check_system
  take_lock
  trap 'drop_new_release' EXIT
  if [[ $REMOVE == true ]]; then
    remove_all
    return
  fi
  set_up
  if [[ $DRY_RUN == true ]]; then
    say 'Nothing was changed.'
    return
  fi
  prove
  print_hints
}

main "$@"
