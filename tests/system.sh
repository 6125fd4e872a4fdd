#!/usr/bin/env bash
# Makes the programs available that the tests talk to: Chromium, Dovecot, Postfix, rss2email and snac2.
#
# On Debian as root the missing ones are installed from the system's own archive; no service is started by it. Anywhere else
# the missing ones are named and the tests that need them are skipped, loudly. CORONG_NO_INSTALL=1 only looks.
# snac2 is taken from Debian trixie, with the libraries it was built for, into .peers: nothing of it touches the system.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PATH:/usr/sbin:/sbin"

missing=()
need() { # need PACKAGE FILE-OR-PROGRAM...: any one of them will do
  local package=$1 candidate
  shift
  for candidate in "$@"; do
    command -v "$candidate" >/dev/null 2>&1 && return 0
  done
  missing+=("$package")
}

look() {
  missing=()
  need chromium chromium chromium-browser google-chrome
  need dovecot-imapd /usr/lib/dovecot/imap /usr/libexec/dovecot/imap
  need dovecot-lmtpd /usr/lib/dovecot/lmtp /usr/libexec/dovecot/lmtp
  need postfix postfix
  need rss2email r2e
}

say() { printf 'tests/system.sh: %s\n' "$*" >&2; }

may_install() {
  [[ -z ${CORONG_NO_INSTALL:-} && $(id -u) == 0 && -e /etc/debian_version ]] && command -v apt-get >/dev/null
}

install_missing() {
  # An answer of 101 keeps packages from starting what they install. What stood there before comes back afterwards.
  local policy=/usr/sbin/policy-rc.d kept=
  if [[ -e $policy ]]; then
    kept=$(mktemp "$policy.XXXXXX")
    cp -p "$policy" "$kept"
  fi
  # shellcheck disable=SC2064
  trap "if [[ -n '$kept' ]]; then mv -f '$kept' $policy; else rm -f $policy; fi" EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"

  export DEBIAN_FRONTEND=noninteractive
  command -v debconf-set-selections >/dev/null &&
    echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
  local options=(-qq -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  # --no-remove: a machine that has another mail server keeps it, and its owner is told instead.
  apt-get "${options[@]}" update >/dev/null &&
    apt-get "${options[@]}" install --no-install-recommends --no-remove "$@" fonts-dejavu-core </dev/null >/dev/null
}

# The address of the Debian archive that this machine uses already.
debian_archive() {
  apt-get indextargets --format '$(ORIGIN)|$(REPO_URI)|$(CODENAME)|$(COMPONENT)' 'Created-By: Packages' |
    awk -F'|' '$1 == "Debian" && $3 !~ /-/ && $4 == "main" { print $2; exit }'
}

fetch_snac() {
  local peers=$PWD/.peers root=$PWD/.peers/snac2 work
  [[ -x $peers/bin/snac ]] && return 0
  if command -v snac >/dev/null; then
    mkdir -p "$peers/bin"
    ln -sf "$(command -v snac)" "$peers/bin/snac"
    return 0
  fi
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1

  mkdir -p "$peers"
  work=$(mktemp -d "$peers/snac2.XXXXXX")
  mkdir -p "$work"/{lists,archives}/partial "$work/root"
  : >"$work/status"
  [[ -n $(debian_archive) ]] || { may_install && apt-get -qq update >/dev/null; } || true
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  debian_archive | sed "s|.*|deb [signed-by=$keyring] & trixie main|" >"$work/sources.list"
  local options=(-qq -y
    -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::lists=$work/lists"
    -o "Dir::State::status=$work/status" -o "Dir::Cache::archives=$work/archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
    -o Debug::NoLocking=1 -o APT::Install-Recommends=0 -o APT::Sandbox::User=root -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)
  { [[ -s $work/sources.list ]] &&
    apt-get "${options[@]}" update >/dev/null &&
    apt-get "${options[@]}" --download-only install snac2 >/dev/null; } || { rm -rf "$work"; return 1; }
  local package
  for package in "$work"/archives/*.deb; do
    dpkg-deb -x "$package" "$work/root"
  done
  rm -rf "$root"
  mv "$work/root" "$root"
  rm -rf "$work"

  # Run by the loader and against the libraries of its own suite, so the host's C library may be older.
  mkdir -p "$peers/bin"
  cat >"$peers/bin/snac.new" <<'WRAPPER'
#!/bin/sh
root=$(dirname "$(dirname "$(readlink -f "$0")")")/snac2
loader=$(find "$root"/usr/lib* -maxdepth 1 -name 'ld-linux*' | head -n 1)
libraries=$(dirname "$(find "$root"/usr/lib -name libc.so.6 | head -n 1)")
exec "$loader" --library-path "$libraries" "$root/usr/bin/snac" "$@"
WRAPPER
  chmod 755 "$peers/bin/snac.new"
  mv "$peers/bin/snac.new" "$peers/bin/snac"
}

look
if ((${#missing[@]})) && may_install; then
  say "installing ${missing[*]}"
  (install_missing "${missing[@]}") || say 'the installation failed'
  look
fi
if [[ -z ${CORONG_NO_INSTALL:-} ]]; then
  fetch_snac || missing+=(snac2)
elif [[ ! -x .peers/bin/snac ]]; then
  missing+=(snac2)
fi
if ((${#missing[@]})); then
  say "MISSING: ${missing[*]}. The tests that need them are skipped here, and fail where CI=true."
fi
