#!/bin/sh
# Gives each unit its own secrets and no other's: sh deploy/systemd/split-env.sh .env /etc/corong/env
# What accounts.env beside it holds (the accounts' passwords) goes to channels and publishing alone.
# A port for each process follows: 8081 intake, 8082 desk, 8083 portal and so on, on 127.0.0.1.
set -eu
umask 077
from=$1 to=$2
database=${CORONG_DATABASE:-127.0.0.1:5432/corong}
mkdir -p "$to"

of() { # the value of a variable; an empty one stops everything
  value=$(sed -n "s/^$1=//p" "$from")
  test -n "$value" || { echo "$from has no $1: run sh deploy/make-env.sh" >&2; exit 1; }
  printf '%s' "$value"
}

user() { # name of the file, user at the broker or -, role in the database or -, port or -
  {
    if [ "$2" != - ]; then word=$(of "CORONG_NATS_$2_PASSWORD"); echo "CORONG_NATS_PASSWORD=$word"; fi
    if [ "$3" != - ]; then
      word=$(of "CORONG_DB_$3_PASSWORD")
      echo "CORONG_DATABASE_URL=postgresql+psycopg://corong_$(echo "$3" | tr A-Z a-z):$word@$database"
    fi
    if [ "$4" != - ]; then echo "CORONG_PORT=$4"; fi
  } > "$to/$1.env.new"
  mv "$to/$1.env.new" "$to/$1.env"
}

key=$(of CORONG_KEY)
{
  echo "CORONG_KEY=$key"
  echo "CORONG_CONFIG=/etc/corong/hub"
  echo "CORONG_DATA=/var/lib/corong"
  echo "CORONG_OBJECTS=/var/lib/corong/objects"
  echo "CORONG_NATS_URL=nats://127.0.0.1:4222"
  echo "CORONG_NATS_MONITOR_URL=http://127.0.0.1:8222"
  sed -n -E '/^CORONG_(PUBLIC_URL|PARTITIONS|OBJECTS|LOG_LEVEL|LOG_ORIGIN|LOG_VERIFIER|LOG_WITNESSES)=/p' "$from"
} > "$to/corong.env"
of CORONG_NATS_STORE_KEY > /dev/null
grep '^CORONG_NATS_' "$from" > "$to/nats.env"
user topology DEPLOY - -
user keys - KEYS -
user intake INTAKE INTAKE 8081
user desk DESK DESK 8082
user portal PORTAL PORTAL 8083
user routing ROUTING ROUTING 8084
user publishing PUBLISHING PUBLISHING 8085
user auditing AUDITING AUDITING 8086
# The log's key, head and files are auditing's alone (corong.tmpfiles.conf), not of the folder that all write.
echo "CORONG_DATA=/var/lib/corong-log" >> "$to/auditing.env"
user channels CHANNELS CHANNELS 8087
accounts=$(dirname "$from")/accounts.env
if [ -f "$accounts" ]; then
  for service in channels publishing; do cp "$accounts" "$to/$service.accounts.env"; done
fi
