#!/bin/sh
# Compiles the bootloader in this folder to boot.wasm.
#   ./build.sh                 here
#   ./build.sh out.wasm *.c    other sources, another file; CFLAGS as usual
set -eu
here=$(dirname "$0")
out=${1:-$here/boot.wasm}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- "$here"/*.c

missing() {
	echo "$1 is needed to compile for wasm32, and is not here. To install it:" >&2
	echo "  Debian, Ubuntu:  apt-get install --no-install-recommends clang lld" >&2
	echo "  Fedora:          dnf install clang lld" >&2
	echo "  Alpine:          apk add clang lld" >&2
	echo "  macOS:           brew install llvm lld   (then CLANG=\$(brew --prefix llvm)/bin/clang)" >&2
	exit 1
}
clang=${CLANG:-clang}
command -v "$clang" >/dev/null || missing clang
command -v "${WASM_LD:-wasm-ld}" >/dev/null || missing lld

# No C library: a bootloader has none; with bulk memory copies of structs need none either.
# shellcheck disable=SC2086 # CFLAGS are words
"$clang" --target=wasm32 -std=c11 -Wall -Wextra -Werror -Oz -fno-builtin -nostdlib -ffreestanding -mbulk-memory \
	${CFLAGS:-} -I"$here" -I"$here/.." -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=8192 \
	-o "$out" "$@"
chmod 644 "$out"
