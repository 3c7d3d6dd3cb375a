#!/bin/sh
# As in the image it stands in for: run the command that is given.
exec "$@"
