#!/bin/sh
# Compiles the sample and its broken variants, into the folder given or in place. A variant is the sample with one file
# of its own in place of the sample's.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-}
mkdir -p "${out:-$here}"
"$here/sample/build.sh" "${out:-$here/sample}/boot.wasm" "$here"/sample/*.c
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
