#!/bin/sh
# Runs every test, and installs what they need: the XMPP servers, strace and systemd's analyser, from Debian.
# Works from any directory; arguments go to cargo test. The last line sums up, the exit status is cargo's.
set -eu
cd "$(dirname "$0")/.."
tests/install.sh prosody:prosody ejabberdctl:ejabberd strace:strace systemd-analyze:systemd

# Through files: a pipe would hide cargo's status.
result=$(mktemp)
status=0
{ ATOMSUB_TESTS_NO_SKIP=1 cargo test --locked --no-fail-fast "$@" 2>&1 || echo "$?" >"$result"; } | tee "$result.log"
[ ! -s "$result" ] || status=$(cat "$result")
# Cargo closes with the result of each test program; this is their sum, in the same words.
awk '/^test result:/ { p += $4; f += $6; i += $8; m += $10; o += $12; if ($3 != "ok.") bad = 1; n++ }
    END { printf "test result: %s. %d passed; %d failed; %d ignored; %d measured; %d filtered out; in %d programs\n",
          (bad || !n) ? "FAILED" : "ok", p, f, i, m, o, n }' "$result.log"
rm -f "$result" "$result.log"
exit "$status"
