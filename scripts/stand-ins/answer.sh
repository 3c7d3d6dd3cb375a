#!/bin/sh
# Answers one HTTP request on its standard input and output.
read -r _method path _protocol
# Closing a connection with unread input resets it: read the whole head first.
while read -r line && [ "$line" != "$(printf '\r')" ] && [ -n "$line" ]; do :; done

status='200 OK'
case ${path%%\?*} in
  / | /version) body=${VERSION:-1} ;;
  /health)
    body=ok
    if [ "$HEALTHY" = false ]; then
      status='500 Internal Server Error'
      body='not healthy, as HEALTHY=false says'
    fi
    ;;
  # Line breaks inside values become spaces, so that no value is taken for a name.
  /env) body=$(tr '\n\0' ' \n' </proc/1/environ | sed 's/=.*//' | sort) ;;
  *)
    status='404 Not Found'
    body='not found'
    ;;
esac
printf 'HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s\n' \
  "$status" "$((${#body} + 1))" "$body"
