#!/usr/bin/env bash
# Makes the initial ram disk of the guest: the modules that reach the host's files, gpio-sim, and an init that runs guest.sh as root.
set -euo pipefail
work=$1 here=$(dirname "$0")
release=$(cat "$work/release")
disk=$(mktemp -d)
trap 'rm -rf "$disk"' EXIT
mkdir -p "$disk"/{bin,proc,sys,dev,modules,root,lower,overlay}
cp "$(command -v busybox)" "$disk/bin/busybox"
for module in virtio_pci 9pnet_virtio 9p overlay; do
	# "builtin" where the kernel has it anyway.
	modprobe -d "$work/root" -S "$release" --show-depends "$module" | awk '$1 == "insmod" { print $2 }'
done | awk '!seen[$0]++' | while read -r file; do
	cp "$file" "$disk/modules/"
	basename "$file" >>"$disk/modules/order"
done
cp "$here/init" "$disk/init"
chmod +x "$disk/init"
(cd "$disk" && find . | cpio -o -H newc --quiet | gzip -1)
