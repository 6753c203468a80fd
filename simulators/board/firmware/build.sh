#!/bin/sh
# Compiles bootloader and application with gcc-avr into Intel HEX, into the folder given or in place.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/hex}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
flags='-mmcu=atmega328p -DF_CPU=16000000UL -Os -std=gnu11 -Wall -Wextra -Werror -ffunction-sections -fdata-sections -fno-tree-scev-cprop -fshort-enums -mcall-prologues -mrelax'

# boot NAME FLAGS…
boot() {
	name=$1
	shift
	# shellcheck disable=SC2086 # one word a flag
	(cd "$here" && avr-gcc $flags "$@" -fwhole-program -nostartfiles -Wl,--section-start=.text=0x7000,--section-start=.services=0x7ff0,--undefined=services,--gc-sections \
		-o "$work/$name.elf" boot/all.c)
	avr-objcopy -O ihex -j .text -j .data -j .services "$work/$name.elf" "$out/$name.hex"
	avr-size "$work/$name.elf" | tail -n 1
}

boot boot
boot boot-record-early -DBROKEN_RECORD_EARLY
boot boot-no-journal -DBROKEN_NO_JOURNAL
# For the explorer: the same code, slots of three pages, so that every state can be visited.
boot explored-boot -DSLOT_PAGES=3u
boot explored-boot-record-early -DSLOT_PAGES=3u -DBROKEN_RECORD_EARLY
boot explored-boot-no-journal -DSLOT_PAGES=3u -DBROKEN_NO_JOURNAL

# app NAME FLAGS…
app() {
	name=$1
	shift
	# shellcheck disable=SC2086 # one word a flag
	(cd "$here" && avr-gcc $flags "$@" -Wl,--gc-sections -o "$work/$name.elf" app/main.c app/text.c app/settings.c app/update.c app/sha256.c)
	avr-objcopy -O ihex -j .text -j .data "$work/$name.elf" "$out/$name.hex"
	avr-size "$work/$name.elf" | tail -n 1
}

app app-golden -DSHIFT=2
app app-candidate -DSHIFT=38
app app-crashes -DSHIFT=70 -DBEHAVIOUR=1
app app-silent -DSHIFT=102 -DBEHAVIOUR=2
app app-hangs -DSHIFT=134 -DBEHAVIOUR=3
app app-unwell -DSHIFT=166 -DBEHAVIOUR=4
