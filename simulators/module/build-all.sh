#!/bin/sh
# Compiles the sample, the sample for the part of the fleet's profile sensor/mcuboot-swap-scratch, and the broken variants, into
# the folder given or in place. A variant is the sample with one file of its own in place of the sample's.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-}
mkdir -p "${out:-$here}"
"$here/sample/build.sh" "${out:-$here/sample}/boot.wasm" "$here"/sample/*.c
CFLAGS='-DSECTOR_SIZE=4096u -DRECORDS_AT=0u -DSCRATCH_AT=172032u -DSLOT_SECTORS=16u -DSLOT_A_AT=40960u -DSLOT_B_AT=106496u -DTRIAL_BOOTS=1u' \
	"$here/sample/build.sh" "$([ -n "$out" ] && echo "$out/sensor.wasm" || echo "$here/sensor/boot.wasm")" "$here"/sample/*.c
for variant in "$here"/broken/*/; do
	name=$(basename "$variant")
	sources=
	for source in "$here"/sample/*.c; do
		own=$variant$(basename "$source")
		[ -e "$own" ] && sources="$sources $own" || sources="$sources $source"
	done
	# shellcheck disable=SC2086 # one word a source
	if [ -n "$out" ]; then "$here/sample/build.sh" "$out/$name.wasm" $sources; else "$here/sample/build.sh" "${variant}boot.wasm" $sources; fi
done
