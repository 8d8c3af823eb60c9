#!/bin/sh
# Runs every test, and installs what they need: the XMPP servers, strace and systemd's analyser, from Debian.
# Works from any directory; arguments go to cargo test. Ends with the result of the last tests, and their status.
set -eu
cd "$(dirname "$0")/.."

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "run.sh: not root, and no sudo; install these yourself: $missing" >&2
        exit 1
    fi
}

missing=
for pair in prosody:prosody ejabberdctl:ejabberd strace:strace systemd-analyze:systemd; do
    PATH="$PATH:/usr/sbin:/sbin" command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair#*:}"
done

if [ -n "$missing" ]; then
    echo "run.sh: installing$missing" >&2
    # A server must not begin to run on this machine, now or at the next boot, only because our tests need it: the
    # packages ask this policy before they start anything.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
        trap 'as_root rm -f "$policy"' EXIT
        trap 'exit 1' INT TERM
    fi
    as_root apt-get -qq update
    # shellcheck disable=SC2086 # one word each
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing >&2
    if [ -d /run/systemd/system ]; then
        for package in $missing; do
            case $package in prosody | ejabberd) as_root systemctl disable --now "$package" >&2 || true ;; esac
        done
    fi
fi

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
