#!/bin/sh
# setup.sh build|test|check: sees to the Debian packages that building, testing or `make check-all` needs.
#
# Says what it installs before it does. Where all is there it does nothing and needs no network.
set -eu

packages_of_arm=""
packages="gcc libc6-dev make cmake ninja-build pkg-config libyajl-dev libpcre2-dev libutf8proc-dev libedit-dev libcmocka-dev"
case "${1:-build}" in
build) ;;
test) packages="$packages clang libclang-rt-dev" ;;
check)
    packages="$packages clang libclang-rt-dev clang-format mandoc"
    # To run the kernels for ARM elsewhere. Where they cannot be had, that check is skipped.
    [ "$(uname -m)" = aarch64 ] || packages_of_arm="gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static"
    ;;
*)
    echo "usage: tools/setup.sh build|test|check" >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query >/dev/null; then
    # Another system's package names are not ours to guess; where something is missing, cmake says what.
    echo "This is not Debian, so nothing is installed. Bombus builds with what Debian calls: $packages"
    exit 0
fi

missing_of()
{
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || printf ' %s' "$package"
    done
}

missing=$(missing_of $packages)
missing_of_arm=$(missing_of $packages_of_arm)
if [ -z "$missing$missing_of_arm" ]; then
    exit 0
fi

by_hand()
{
    echo "$1 Please have them installed, then try again:" >&2
    echo "    apt-get install --no-install-recommends$missing$missing_of_arm" >&2
    [ -z "$missing" ] && exit 0
    exit 1
}

echo "Bombus needs Debian packages that are not installed:$missing$missing_of_arm"
if ! command -v apt-get >/dev/null; then
    by_hand "There is no apt-get to install them with."
fi
as_root="env"
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || by_hand "Only root can install them, and there is no sudo here."
    as_root="sudo env"
fi

# install PACKAGE...
install()
{
    echo "Installing them now, which takes a minute: $as_root apt-get install $*"
    $as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 \
        "$@" >/dev/null
}

export LC_ALL=C
$as_root apt-get update -qq || by_hand "The package lists cannot be fetched: is there a network, and may you use sudo?"
if [ -n "$missing" ]; then
    install $missing || by_hand "apt-get could not install them."
    missing=""
fi
if [ -n "$missing_of_arm" ]; then
    install $missing_of_arm || by_hand "apt-get could not install them, so the check for ARM will be skipped."
fi
