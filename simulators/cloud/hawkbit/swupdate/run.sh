#!/usr/bin/env bash
# Debian's swupdate, a client that nobody here wrote, against the hawkBit server through the fault proxy.
# Installs swupdate where it may. Ends with "N passed, N failed"; where it cannot run it says SKIPPED and ends with 0.
# An argument runs the cases whose title has that word.
set -u
cd "$(dirname "$0")/../../../.."
tools=(swupdate cpio openssl)
missing() { for tool in "${tools[@]}"; do command -v "$tool" >/dev/null || echo "$tool"; done; }
skip() { echo "SKIPPED: swupdate against the hawkBit server: $1"; exit 0; }

absent=$(missing)
absent=${absent//$'\n'/, }
if [ -n "$absent" ]; then
	[ "$(id -u)" = 0 ] || skip "$absent missing, and only root may install; as root: apt-get install swupdate cpio openssl"
	command -v apt-get >/dev/null || skip "$absent missing, and there is no apt-get here"
	log=$(mktemp)
	{ apt-get update -qq && apt-get install -qq -y --no-install-recommends "${tools[@]}"; } >"$log" 2>&1 || { tail -n 5 "$log"; skip 'apt-get could not install it'; }
fi
main=build/simulators/cloud/hawkbit/swupdate/main.js
[ -f "$main" ] || npm run --silent build || { echo 'the build failed'; echo '0 passed, 1 failed'; exit 1; }
exec node "$main" "$@"
