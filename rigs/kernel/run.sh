#!/usr/bin/env bash
# The rig's drivers against a real kernel: boots Debian's under QEMU (emulated, no KVM) with simulated GPIO lines, a 16550 and a USB serial adapter,
# and runs the built drivers there. Ends with "N passed, N failed"; where it cannot run it says SKIPPED and why. Fetches what it needs where it may.
set -u
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
work=${XDG_CACHE_HOME:-$HOME/.cache}/blackstart/kernel
within_ms=${KERNEL_STAGE_WITHIN_MS:-400000}

skip() { echo "SKIPPED: the drivers were not run against a real kernel: $1"; exit 0; }

[ "$(uname -sm)" = 'Linux x86_64' ] || skip 'this is no Linux on x86-64'
command -v apt-get >/dev/null || skip 'no apt-get, and the kernel comes from Debian'
[ -e "$tree/build/rigs/kernel/guest.js" ] || skip 'the project is not built (npm run build)'

missing=()
need() { command -v "$1" >/dev/null || missing+=("$2"); }
need qemu-system-x86_64 qemu-system-x86
need busybox busybox-static
need cpio cpio
need modprobe kmod
need gpioset gpiod
if [ ! -e "$work/ready" ]; then
	need make make
	need gcc gcc
	need xz xz-utils
fi
if [ "${#missing[@]}" != 0 ]; then
	[ "$(id -u)" = 0 ] || skip "not installed: ${missing[*]}"
	{ apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}"; } >/dev/null 2>&1 || skip "cannot be installed: ${missing[*]}"
fi
if [ ! -e "$work/ready" ]; then
	[ -n "$(apt-cache search --names-only '^linux-source-6.1$')" ] || apt-get update -qq >/dev/null 2>&1
	echo "fetching Debian's kernel and building gpio-sim into $work, once"
	# Made aside and moved when whole, so that an interrupted run leaves nothing half made.
	mkdir -p "$(dirname "$work")"
	fresh=$(mktemp -d "$work.XXXXXX")
	if ! "$here/prepare.sh" "$fresh" >"$fresh.log" 2>&1; then
		tail -n 5 "$fresh.log"
		rm -rf "$fresh" "$fresh.log"
		skip 'the kernel cannot be fetched or gpio-sim cannot be built'
	fi
	rm -rf "$work" "$fresh.log"
	mv "$fresh" "$work"
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$here/initrd.sh" "$work" >"$folder/initrd" || skip 'the initial ram disk cannot be made'
node "$tree/build/rigs/kernel/host.js" "$work" "$tree" "$folder/initrd" "$folder" "$within_ms" | tee "$folder/log"
counts=$(grep -aoE '^[0-9]+ passed, [0-9]+ failed$' "$folder/log" | tail -n 1)
[ -n "$counts" ] || { echo 'not ok - the guest left no counts'; echo '0 passed, 1 failed'; exit 1; }
[ "${counts#*, }" = '0 failed' ]
