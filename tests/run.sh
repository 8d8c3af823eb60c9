#!/bin/sh
# Runs every test, and installs what they need: from Debian the XMPP servers, strace, systemd's analyser, pip, npm, Chromium,
# curl, openssl, what nbxmpp stands on, certificates that the web goes by, and valgrind for benches/instructions; the tests
# themselves bring the client libraries, slixmpp, nbxmpp and feedparser from the Python package index, @xmpp/client and
# playwright-core from the npm registry.
# Works from any directory; arguments go to cargo test. The last line sums up, the exit status is cargo's.
set -eu
cd "$(dirname "$0")/.."
tests/install.sh prosody:prosody ejabberdctl:ejabberd strace:strace valgrind:valgrind systemd-analyze:systemd pip3:python3-pip \
    node:nodejs npm:npm chromium:chromium curl:curl openssl:openssl python3-gi gir1.2-soup-3.0 ca-certificates

# Through files: a pipe would hide cargo's status.
result=$(mktemp)
status=0
{ ATOMSUB_TESTS_NO_SKIP=1 cargo test --locked --no-fail-fast "$@" 2>&1 || echo "$?" >"$result"; } | tee "$result.log"
[ ! -s "$result" ] || status=$(cat "$result")
# Cargo closes with the result of each test program; this is their sum. What ended without one has failed.
awk -v status="$status" '/^test result:/ { passed += $4; failed += $6 }
    END { if (status && !failed) failed = 1; printf "%d passed, %d failed\n", passed, failed }' "$result.log"
rm -f "$result" "$result.log"
exit "$status"
