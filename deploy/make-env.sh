#!/bin/sh
# Fills deploy/env.example's empty variables with new secrets: sh deploy/make-env.sh > .env
set -eu
umask 077
random() { head -c "$1" /dev/urandom; }
while IFS= read -r line; do
  case $line in
    CORONG_KEY=) printf '%s%s\n' "$line" "$(random 32 | base64)" ;;
    # A letter first and no signs: nats-server reads its variables as values of its configuration.
    [A-Z]*=) printf '%sp%s\n' "$line" "$(random 24 | od -An -v -tx1 | tr -d ' \n')" ;;
    *) printf '%s\n' "$line" ;;
  esac
done < "$(dirname "$0")/env.example"
