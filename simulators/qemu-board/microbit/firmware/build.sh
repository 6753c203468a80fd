#!/bin/sh
# Compiles the AVR board's bootloader and application for the micro:bit with gcc-arm-none-eabi into Intel HEX, into the folder given or in place.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
shared=$here/../../../board/firmware
out=${1:-$here/hex}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
flags="-mcpu=cortex-m0 -mthumb -Os -std=gnu11 -ffreestanding -nostdlib -Wall -Wextra -Werror -ffunction-sections -fdata-sections -fshort-enums -fno-tree-loop-distribute-patterns -I$here -I$here/include"

# link NAME SCRIPT FLAGS…
link() {
	name=$1
	script=$2
	shift 2
	# shellcheck disable=SC2086 # one word a flag
	arm-none-eabi-gcc $flags "-T$here/$script" -Wl,--gc-sections,--build-id=none,--no-warn-rwx-segments "$@" -lgcc -o "$work/$name.elf"
	arm-none-eabi-objcopy -O ihex "$work/$name.elf" "$out/$name.hex"
	arm-none-eabi-size "$work/$name.elf" | tail -n 1
}

boot() {
	name=$1
	shift
	link "$name" boot.ld "$@" "$here/boot/all.c"
}

boot boot
boot boot-record-early -DBROKEN_RECORD_EARLY
boot boot-no-journal -DBROKEN_NO_JOURNAL

app() {
	name=$1
	shift
	link "$name" app.ld "$@" "$here/app/start.c" "$here/app/text.c" "$here/nvmc.c" "$here/eeprom.c" "$here/string.c" \
		"$shared/app/main.c" "$shared/app/text.c" "$shared/app/settings.c" "$shared/app/update.c" "$shared/app/sha256.c"
}

app app-golden -DSHIFT=4
app app-candidate -DSHIFT=36
app app-crashes -DSHIFT=68 -DBEHAVIOUR=1
app app-silent -DSHIFT=100 -DBEHAVIOUR=2
app app-hangs -DSHIFT=132 -DBEHAVIOUR=3
app app-unwell -DSHIFT=164 -DBEHAVIOUR=4
