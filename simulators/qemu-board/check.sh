#!/usr/bin/env bash
# Boards in QEMU from end to end, through the command line: checked, updated, swept. The sweeps must find what is wrong with the boards that are wrong, and
# nothing on the others. Installs what it needs where it may; ends with "N passed, N failed", or says SKIPPED and why.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
skip() { echo "SKIPPED: boards in QEMU: $1"; }

if ! command -v qemu-system-arm >/dev/null || [ ! -e /usr/lib/u-boot/qemu_arm64/u-boot.bin ]; then
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		{ apt-get update -qq && apt-get install -qq -y --no-install-recommends qemu-system-arm u-boot-qemu; } >/dev/null 2>&1
	fi
fi
command -v qemu-system-arm >/dev/null || { skip 'qemu-system-arm cannot be installed here'; exit 0; }
"$here/fetch-qemu.sh" | tail -n 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
blackstart() { node build/harness/cli/main.js "$@"; }
# check LANE NAME EXPECTED_CODE WORDS COMMAND…: ends with that code and says those words.
check() {
	local lane=$1 name=$2 code=$3 words=$4
	shift 4
	"$@" >"$work/$lane.out" 2>&1
	local got=$?
	if [ "$got" = 4 ] && grep -q '^SKIPPED' "$work/$lane.out"; then
		grep '^SKIPPED' "$work/$lane.out"
	elif [ "$got" = "$code" ] && grep -q -- "$words" "$work/$lane.out"; then
		echo "ok: $name"
	else
		tail -n 30 "$work/$lane.out"
		echo "failed: $name (exit code $got, $code and '$words' were expected)"
	fi
}
sweep() { blackstart sweep "$@" --out "$work/sweep-$RANDOM"; }
# Where cuts fall is up to the machine too: what is there to be found is found by the first or by the second sweep.
sweep_twice() { local code; sweep "$@" --seed 3; code=$?; [ "$code" = 1 ] || { sweep "$@" --seed 4; code=$?; }; return "$code"; }
rig_of() { printf 'schema: rig/v1\nrig: broken\nboards:\n  b-1: { type: qemu-microbit, backend: qemu, virtual: { build: %s } }\n' "$1" >"$work/$1.yaml"; echo "$work/$1.yaml"; }

uboot() {
	check u 'boards in QEMU are checked' 0 'boards are good' blackstart rig check rigs/qemu.yaml
	check u "a sweep finds that U-Boot's only environment is lost" 1 'bootable: .*bad CRC, using default environment' sweep_twice --rig rigs/qemu.yaml --board uboot-1 --cuts 12
	check u 'a U-Boot whose state has two copies is swept clean' 0 'no cut broke a board' sweep --rig rigs/qemu.yaml --board uboot-2 --cuts 6
}
microbit() {
	check m 'a micro:bit is updated' 0 '8 passed' blackstart run board-update --rig rigs/qemu.yaml --board microbit-1 --out "$work/run"
	check m 'a micro:bit is swept clean' 0 'no cut broke a board' sweep --rig rigs/qemu.yaml --board microbit-1 --cuts 14
	check m 'a sweep finds a bootloader without a journal' 1 'bootable: ' sweep_twice --rig "$(rig_of boot-no-journal)" --cuts 10
	check m 'a sweep finds a record that is written too early' 1 'bootable: ' sweep_twice --rig "$(rig_of boot-record-early)" --cuts 10
}
uboot >"$work/uboot" &
microbit >"$work/microbit"
wait
cat "$work/uboot" "$work/microbit"
echo "$(grep -c '^ok: ' <(cat "$work/uboot" "$work/microbit")) passed, $(grep -c '^failed: ' <(cat "$work/uboot" "$work/microbit")) failed"
! grep -q '^failed: ' "$work/uboot" "$work/microbit"
