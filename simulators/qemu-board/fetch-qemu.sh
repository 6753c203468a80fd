#!/usr/bin/env bash
# Sees to it that the U-Boot board can run: prints the path of a qemu-system-aarch64 of version 10 or newer on its last line. Where the one on the path is older, as on
# Debian 12 (7.2), that of Debian's backports is unpacked into the cache, beside the system's own, which stays as it is. Where none can be
# had it says SKIPPED and why, and ends with 1.
set -u
least=10
work=${XDG_CACHE_HOME:-$HOME/.cache}/blackstart/qemu
unpacked=$work/root/usr/bin/qemu-system-aarch64

skip() { echo "SKIPPED: no QEMU $least or newer: $1"; exit 1; }
is_new() { [ "$("$1" --version 2>/dev/null | grep -oE 'version [0-9]+' | grep -oE '[0-9]+')" -ge "$least" ] 2>/dev/null; }
tell() { echo "$1"; exit 0; }

is_new qemu-system-aarch64 && tell "$(command -v qemu-system-aarch64)"
is_new "$unpacked" && tell "$unpacked"
command -v apt-get >/dev/null || skip 'no apt-get, and it comes from Debian'
[ "$(id -u)" = 0 ] || skip 'only root may install what it needs'
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(apt-cache policy | grep -oE 'https?://[^ ]*/debian ' | head -n 1)
[ -n "$mirror" ] || skip 'apt knows no mirror of Debian'

# Package lists of their own, so that what the system installs from stays as it is.
mkdir -p "$work"/{lists/partial,archives/partial}
keys=/usr/share/keyrings/debian-archive-keyring.gpg
for suite in "$codename" "$codename-updates" "$codename-backports"; do echo "deb [signed-by=$keys] ${mirror% } $suite main"; done >"$work/sources.list"
private() { "$@" -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work"; }
private apt-get update -qq >"$work/log" 2>&1 || { tail -n 3 "$work/log"; skip "the lists of $codename-backports cannot be fetched"; }
version=$(private apt-cache madison qemu-system-arm | grep -- '-backports' | awk '{ print $3 }' | head -n 1)
[ -n "$version" ] || skip "$codename-backports has none"
# The libraries that it needs, of the system; itself, beside it.
apt-get update -qq >"$work/log" 2>&1
libraries=$(private apt-cache show "qemu-system-arm=$version" | sed -n 's/^Depends: //p' | tr ',' '\n' | grep -oE '^ *lib[a-z0-9.+-]+')
# shellcheck disable=SC2086 # one word a package
apt-get install -qq -y --no-install-recommends $libraries >"$work/log" 2>&1 || { tail -n 3 "$work/log"; skip 'its libraries cannot be installed'; }
cd "$work" || exit 1
private apt-get download -q "qemu-system-arm=$version" "qemu-system-common=$version" "qemu-system-data=$version" >"$work/log" 2>&1 || { tail -n 3 "$work/log"; skip 'it cannot be downloaded'; }
rm -rf root fresh
for package in qemu-system-*.deb; do dpkg -x "$package" fresh; done
rm -f qemu-system-*.deb
mv fresh root
is_new "$unpacked" || skip "what was unpacked does not run: $("$unpacked" --version 2>&1 | head -n 1)"
tell "$unpacked"
