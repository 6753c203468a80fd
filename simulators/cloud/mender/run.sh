#!/usr/bin/env bash
# Debian's mender-client, a client that nobody here wrote, against the Mender server through the fault proxy.
# Installs mender-client where it may. Ends with "N passed, N failed"; where it cannot run it says SKIPPED and ends with 0.
# A word as an argument runs the cases whose title has it. The client waits for a minute before it resumes a download; here it
# waits for a second, and with --as-shipped for its minute.
set -u
cd "$(dirname "$0")/../../.."
skip() { echo "SKIPPED: mender-client against the Mender server: $1"; exit 0; }

[ "$(id -u)" = 0 ] || skip 'it mounts its folders, which only root may'
unshare --mount true 2>/dev/null || skip 'no mount namespaces here'
if ! command -v mender >/dev/null; then
	command -v apt-get >/dev/null || skip 'it is missing, and there is no apt-get here'
	log=$(mktemp)
	{ apt-get update -qq && apt-get install -qq -y --no-install-recommends mender-client; } >"$log" 2>&1 || { tail -n 5 "$log"; skip 'apt-get could not install it'; }
fi
main=build/simulators/cloud/mender/client/main.js
[ -f "$main" ] || npm run --silent build || { echo 'the build failed'; echo '0 passed, 1 failed'; exit 1; }
exec node "$main" "$@"
