#!/bin/sh
# Installs what building and testing need, from Debian's packages, and says so first. Does nothing where all is there.
set -eu

packages="gcc libc6-dev make cmake ninja-build pkg-config libyajl-dev libpcre2-dev libutf8proc-dev libcmocka-dev"

missing=""
for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

echo "Bombus needs these Debian packages and installs them now:$missing"
if [ "$(id -u)" -eq 0 ]; then as_root=""; else as_root="sudo"; fi
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing
